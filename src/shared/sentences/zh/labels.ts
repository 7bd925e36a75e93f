// Chinese sentences of the host: images, classes, boxes.
import type { labels as english } from '../en/labels.ts';

/** Sentences by key. */
export const labels: Record<keyof typeof english, string> = {
  'image.unreadable': '无法将 {file} 读取为图像：{why}。请替换该文件，或将其排除。',
  'image.whyFormat': '其内容不是 {formats} 中的任何一种',
  'image.whyCut': '文件已损坏，或没有完整复制',
  'image.undecodable': '图像已损坏，或没有完整复制。请替换该文件，或将其排除。',
  'image.empty': '{file} 是空文件（0 字节）。请替换该文件，或将其排除。',
  'image.tooLarge':
    '{file} 有 {width}×{height} 像素（{megapixels} 百万像素），上限为 {most} 百万像素。请缩小图像，或切成小块。',
  'image.tooLong': '{file} 有 {width}×{height} 像素；任何一边都不能超过 {most} 像素。请将其切成小块。',
  'image.memory': '{file} 需要 {size} MB 内存，上限为 {most} MB。请以每通道 8 位保存、缩小图像，或切成小块。',
  'image.gone': '图像 {image} 已不在此项目中。请重新读取列表。',
  'image.outside': '{file} 位于项目文件夹之外。',
  'heatmap.gone': '此热图已不再保留。请关闭叠加显示后重新打开。',
  'class.gone': '类别 {id} 已不在此项目中。请选择现有的类别。',
  'class.nameless': '类别需要名称。请输入一个。',
  'class.exists': '已有类别“{name}”。请换一个名称，或合并两者。',
  'class.tooMany': '一个项目最多包含 {most} 个类别。请先删除或合并一些。',
  'class.colour': '“{color}”不是颜色：请写成 #3366cc 的形式。',
  'class.key': '“{key}”不能用作快捷键：请使用 1 至 9 或 0。',
  'box.gone': '框 {id} 已不在此图像上。请重新读取。',
  'box.noArea': '从 {corners} 画出的框在 {width} × {height} 像素的图像内没有面积。请画在图像上。',
  'text.unstorable': '“{text}”含有无法保存的字符（空字符或不完整的代理对）。请去掉后重新输入。',
};
