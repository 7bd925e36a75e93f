// Chinese sentences of the host: readiness, training, runs.
import type { training as english } from '../en/training.ts';

/** Sentences by key. */
export const training: Record<keyof typeof english, string> = {
  'ready.noClasses': '还没有类别。请添加一个并标注一些对象。',
  'ready.noLabels': '还没有训练图像带有标注。请先标注一些图像。',
  'ready.classEmpty': '“{name}”没有任何框：无法学习。',
  'ready.classFew': '“{name}”只有 {count} 个框；{least} 个或更多效果更好。',
  'ready.fewImages': '只有 {count} 张训练图像已标注；更多效果更好。',
  'ready.noValidation': '没有已标注的验证图像：只能猜测最佳权重。',
  'ready.duplicates': '相同的图像同时位于训练、验证和测试中的多个子集：结果会偏高。',
  'run.gone': '训练 {run} 已不在此项目中。请重新读取列表。',
  'run.finished': '“{name}”已完成。请以它为起点开始新的训练。',
  'run.outside':
    '“{name}”指向项目之外的文件夹（{folder}），因此不会动它。请连同其文件夹一起复制到项目中，或开始新的训练。',
  'run.training': '“{name}”正在训练。请先停止。',
  'run.damaged': '{file} 已损坏。请开始新的训练。',
  'run.record': '项目文件中运行“{name}”的设置已损坏：无法继续。请开始新的运行。',
  'run.lacksFile': '{folder} 不是训练：其中没有 {file}。请检查路径。',
  'run.noState': '{file} 中没有训练状态：无法继续。请以它为起点开始新的训练。',
  'run.lastDamaged': '{file} 已损坏，训练无法继续。其最佳权重完好：请从 {best} 开始新的训练，或找回损坏文件的副本。',
  'run.lacksState': '检查点缺少 {key}：无法准确地继续。请以它为起点开始新的训练。',
  'train.noImages': '训练子集中没有图像。请先标注一些图像，或重新划分子集。',
  'train.noBoxes': '没有训练图像带有框。请先画一些框，或检查标注是否已找到。',
  'train.onlyIgnored':
    '训练图像中的 {count} 个框全部标记为困难、群体或忽略：没有可学习的内容。请取消这些标记，或标注其他物体。',
  'train.unreadable': '{count} 张训练图像都无法读取。第一张：{first}',
  'train.diverged': '训练发散：数值变为无穷大。最后一个完好的检查点已保留。请降低学习率（现为 {rate}）后重新开始。',
  'train.setting': '设置 {name} 不能为 {value}。请选择其他值。',
};
