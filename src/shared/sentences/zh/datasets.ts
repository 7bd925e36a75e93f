// Chinese sentences of the host: formats of annotations, and files of them that can't be understood.
import type { datasets as english } from '../en/datasets.ts';

/** Sentences by key. */
export const datasets: Record<keyof typeof english, string> = {
  'looksFor.coco': '含有 images、annotations 和 categories 列表的 .json',
  'looksFor.cvat': '含有 <annotations> 的 .xml',
  'looksFor.voc': '含有 <annotation> 的 .xml 文件',
  'looksFor.labelme': '含有 shapes 的 .json 文件',
  'looksFor.labelstudio': '含 Label Studio 任务列表的 .json',
  'looksFor.createml': '含图像及 coordinates 列表的 .json',
  'looksFor.yolo': '含有 names 的 data.yaml，或与图像同名的数字 .txt 文件',
  'looksFor.csv': '含有图像、类别和角点列的 .csv',
  'dataset.unknownFormat':
    '{folder} 中有 {images} 张图像和 {others} 个其他文件，但没有已知格式的标注。{first}请检查文件夹。',
  'dataset.unreadable': '{folder} 中的 {format} 数据集完全无法读取。{first}',
  'dataset.noneFound': '{folder} 中的 {format} 数据集没有已标注的图像。其中没有{wanted}。',
  'dataset.noImages': '{folder} 中的 {format} 数据集没有已标注的图像：其中没有图像。请选择图像所在的文件夹。',
  'dataset.noLabels': '{folder} 中的 {format} 数据集没有已标注的图像。{first}请检查标注与图像是否对应。',
  'dataset.finding': '{file}：{reason}。',
  'annotation.cocoList':
    '{file} 没有 {key} 列表：无法知道其图像的内容，因此它们已省略。请检查列表的名称，并确认它位于 [ ] 中。',
  'annotation.cocoListTwice': '{file} 有两个 {key} 列表：无法判断以哪个为准。请只保留一个。',
  'annotation.cocoOwner':
    '{file}：{detail}。它没有说明属于哪张图像，因此任何图像都可能缺少标注：它们都已省略。请更正或删除此项。',
  'annotation.json': '{file} 第 {line} 行：不是有效的 JSON（{detail}）。请修正或重新导出。',
  'annotation.xml': '{file} 第 {line} 行：不是有效的 XML（{detail}）。请修正或重新导出。',
  'annotation.yaml': '{file}：不是有效的 YAML（{detail}）。请手动修正。',
  'annotation.classes': '{file}：类别超过 {most} 个；最多允许 {most} 个。请去掉没有标注使用的类别，并从 0 开始编号。',
  'annotation.className': '{file}：类别“{name}”的名称有 {length} 个字符；最多允许 {most} 个。请缩短名称。',
  'annotation.nested': '{file}：嵌套超过 {most} 层。请重新导出。',
  'annotation.alias': '{file}：使用了别名（*名称），无法读取。请写出它所代表的内容。',
  'annotation.splits': '{file}：属于超过 {most} 个子集。请只保留需要的子集。',
  'annotation.tooMuch':
    '{folder} 中的标注占用的内存或时间超出了本机的限度；已停止读取，没有任何更改。请查找其中损坏或过大的标注文件，将其排除或拆分。',
  'annotation.encoding': '{file}：未知的编码 {encoding}。请以 UTF-8 保存。',
  'annotation.labelme': '{file}：不是 LabelMe 文件（{detail}）。请重新导出。',
  'odd.empty': '{file} 是空的。',
  'odd.zip': '{file} 是 ZIP 压缩包：请先解压。',
  'odd.gzip': '{file} 已压缩（gzip）：请先解压。',
  'odd.archive': '{file} 是压缩包：请先解压。',
  'odd.notText': '{file} 不是文本。',
  'odd.results': '{file} 是检测器的结果，需要其所属的数据集。',
  'odd.tool': '{file} 是 {tool} 的导出文件，无法读取：请在那里导出 {instead}。',
  'odd.list': '{file} 是一个列表：可能是检测器的结果，需要其所属的数据集。',
  'odd.notJson': '{file} 不是 JSON。',
  'odd.columns': '{file} 有列 {columns}，但没有{first}的列。',
  'odd.lacks.image': '图像',
  'odd.lacks.class': '类别',
  'odd.lacks.corners': '框的角点',
};
