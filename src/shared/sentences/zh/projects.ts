// Chinese sentences of the host: projects, their files, backups, copies.
import type { projects as english } from '../en/projects.ts';

/** Sentences by key. */
export const projects: Record<keyof typeof english, string> = {
  'project.notOpen': '此项目已关闭。请从主页重新打开。',
  'project.none': '{folder} 中没有项目。请先在那里创建项目，或检查路径。',
  'project.exists': '{folder} 中已有项目（{file}）。请打开该项目。',
  'project.heldBy':
    '{file} 正由另一个程序编辑（{host} 上的进程 {pid}，自 {since} 起）：此处以只读方式打开。请在那里关闭后再编辑。',
  'project.olderWriter': '{file} 正由旧版本的本程序编辑。请先在那里关闭。',
  'project.newer': '{file} 由更新版本的本程序写入（项目版本 {version}，此版本最高可读 {most}）。请更新程序。',
  'project.readOnly': '{folder} 是只读的，因此项目以只读方式打开。如需编辑，请复制该文件夹。',
  'project.linked':
    '{link} 是指向别处的链接，因此 {file} 以只读方式打开：不会在项目之外写入任何内容。如需编辑，请改用真实的文件夹或文件。',
  'project.outsideRuns':
    '{count} 次训练指向项目之外的文件夹，例如“{name}”（{folder}）：不会读取、更改或删除那里的任何内容。',
  'project.forReading': '{file} 仅为读取而打开。',
  'project.noPlace': '{folder} 及其上级文件夹都是只读的：没有地方存放项目。请为程序数据另选文件夹，或复制这些图像。',
  'project.withoutLog':
    '{file} 是在打开时复制的，缺少其日志（{log}）：最后的编辑可能丢失。请从原处重新复制这两个文件，或查看是否有更新的备份。',
  'project.damaged': '{file} 已损坏，或不是项目。请重新打开：将显示最新的完好备份。',
  'project.failing': '无法写入 {file}：磁盘已满或出现故障。请腾出空间或换用其他磁盘；之前保存的内容没有丢失。',
  'project.full': '无法写入 {file}：磁盘已满。请腾出空间；之前保存的内容没有丢失。',
  'project.busy': '另一个程序正在写入 {file}。请在那里关闭，或重试。',
  'project.denied': '不允许写入 {file}。请修改其权限，或使用副本。',
  'project.unopened': '无法打开 {file}。请检查文件夹是否存在且可写。',
  'damage.empty': '{file} 是空文件。',
  'damage.onlyLog': '{file} 缺失，只剩其日志（{log}）：两者缺一不可。',
  'damage.onlyBackups': '{file} 缺失，只剩其备份。',
  'damage.notProject': '{file} 是数据库，但不是本程序的项目。',
  'damage.found': '{file} 已损坏（{detail}）。',
  'damage.unreadable': '{file} 已损坏，或不是项目（SQLite：{detail}）。',
  'damage.text': '{file} 已损坏：无法读取表“{table}”中“{column}”列的文本。请用备份或其他副本替换它。',
  'damage.history': '{file} 已损坏：无法读取其历史记录。请用备份或其他副本替换它。',
  'backup.shown': '{damage}现以只读方式显示最新的完好备份（{at}）。恢复该备份即可继续编辑；损坏的文件会保留。',
  'backup.none': '{damage}{folder} 中没有完好的备份。请保留该文件，并在别处寻找它的副本。',
  'merge.noProject': '{folder} 中没有项目。请选择另一份副本的文件夹。',
  'merge.sameProject': '{file} 就是此项目本身。请选择对方的副本。',
  'merge.stranger': '“{name}”不是此项目的副本，没有可供合并的共同历史。请改为导出其标注再导入。',
};
