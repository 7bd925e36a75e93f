// Chinese sentences of the host: files, folders, disks, processes, the connection.
import type { files as english } from '../en/files.ts';

/** Sentences by key. */
export const files: Record<keyof typeof english, string> = {
  'file.missing': '{file} 不存在。请检查路径。',
  'file.notFolder': '{file} 不在文件夹中。请检查路径。',
  'file.denied': '无法访问 {file}。请修改其权限，或选择其他位置。',
  'file.readOnlyDisk': '{file} 位于只读磁盘上。请选择其他位置。',
  'file.isFolder': '{file} 是文件夹，而此处需要文件。',
  'file.isFile': '{folder} 是文件。请选择其他文件夹。',
  'file.linkLoop': '{file} 是指向自身的链接。请替换它。',
  'file.notPlain': '{file} 是设备、管道或套接字，而这里需要的是文件。请将其排除或替换。',
  'file.tooLarge': '{file} 有 {size} MB；最多读取 {most} MB。请缩小或拆分该文件，或将其排除。',
  'folder.behindFile': '无法创建 {folder}，因为 {file} 是文件。请选择其他文件夹。',
  'file.gone': '{file} 已不在原处。请将其放回，或重新扫描文件夹。',
  'file.failed': '无法使用 {file}：{detail}。',
  'disk.full': '无法写入 {file}：磁盘已满。请腾出空间后重试；已写入的内容没有改变。',
  'disk.quota': '无法写入 {file}：磁盘配额已用完。请腾出空间后重试。',
  'path.notChosen': '{file} 不是由您选择的。请先在对话框中选择它，或将它拖到窗口中。',
  'path.outsideRoots':
    '{file} 不是由您选择的。只能使用 {roots} 下的文件夹；以 --root FOLDER 启动“serve”可以允许更多文件夹。',
  'path.nowhere': '{file} 的上级文件夹都不存在。请检查路径。',
  'folder.notEmpty':
    '{folder} 不是空的：写出的内容会与其中的 {count} 个文件或文件夹混在一起。请选择新文件夹或空文件夹。',
  'folder.inUse':
    '另一个程序（进程 {pid}）正在写入 {folder}。请等它结束，或选择另一个文件夹。如果没有程序在那里工作，请删除 {leftover}。',
  'folder.held': '另一个程序正在写入 {folder}（{host} 上的进程 {pid}，自 {since} 起）。请等它结束，或另选文件夹。',
  'folder.name': '“{name}”不能用作文件夹名称。请去掉斜杠。',
  'folder.isFile': '{folder} 是文件。请指定它所在的文件夹 {parent}。',
  'walk.unreadable': '无法进入此文件夹，其中的内容已忽略。{reason}',
  'walk.output': '此文件夹存放 TTFNet Studio 写入的结果；已忽略',
  'walk.deadLink': '此链接没有指向任何文件；已忽略',
  'walk.unseen': '无法查看此文件，已跳过：它已不存在，或文件名的编码无法识别。{reason}',
  'walk.notFile': '既不是文件也不是文件夹（管道、套接字或设备）；已忽略',
  'output.detections':
    '{folder} 中是 TTFNet Studio 写入的检测结果：这些框未经人工确认，也可能已画在图像上。请选择原始图像所在的文件夹。如果确实要使用此文件夹，请删除其中的文件 {marker}。',
  'output.run':
    '{folder} 是训练运行的文件夹，不是图像文件夹。请选择图像所在的文件夹。如果确实要使用此文件夹，请删除其中的文件 {marker}。',
  'worker.stopped': '{process}进程意外停止（{reason}）。标注是安全的；下次需要时会重新启动。',
  'worker.silent': '{process}进程已 {seconds} 秒没有响应。标注是安全的；下次需要时会重新启动。',
  'connection.lost': '与程序的连接已断开。它会自动重新连接；请重复您最后的操作。',
  'program.failed': '程序内部出现错误（{where}）：{detail}',
};
