// Chinese words of the desktop shell: its own dialogs and the parts of the native menu that don't come from the interface.
import type { desktop as english } from '../en/desktop.ts';

/** Sentences by key. */
export const desktop: Record<keyof typeof english, string> = {
  'desktop.quitText': '再次启动程序并选择继续后，它会从中断处接着进行。',
  'desktop.keepRunning': '继续运行',
  'desktop.quit': '退出',
  'desktop.crashed': '界面连续多次停止。',
  'desktop.crashedText': '您的标注是安全的：每一个在画好时都已保存。（{reason}）',
  'desktop.again': '重试',
  'desktop.noDebugging': '启动时指定了 {switch}：连接到该端口的任何程序都能读写您的所有文件。请去掉它再启动程序。',
  'desktop.notStarted': 'TTFNet Studio 无法启动',
  'desktop.strangeFiles': '程序文件与原始文件不一致：{files}。请从可信来源重新安装程序。',
  'desktop.file': '文件',
  'desktop.edit': '编辑',
  'desktop.window': '窗口',
  'desktop.about': '关于 TTFNet Studio',
  'desktop.services': '服务',
  'desktop.hide': '隐藏 TTFNet Studio',
  'desktop.hideOthers': '隐藏其他',
  'desktop.unhide': '全部显示',
  'desktop.quitApp': '退出 TTFNet Studio',
  'desktop.minimize': '最小化',
  'desktop.zoom': '缩放',
  'desktop.front': '前置全部窗口',
  'desktop.close': '关闭窗口',
};
