// Names and types that shells offer as choices and show as progress.
export {
  formatNames,
  writtenFormatNames,
  type FormatName,
  type WrittenFormatName,
} from '../../core/dataset/adapter.ts';
export { baseModelName } from '../../core/model/openModel.ts';
export { presets, type TrainConfig } from '../../core/train/config.ts';
export { paperNames } from '../../core/ttfnet/networks/paperNetworks.ts';
export { officialScheduleNames, type OfficialSchedule } from '../../core/train/officialSchedules.ts';
export { parseSettings, settingNames } from '../../core/train/settingText.ts';
export { parseVariants } from '../../core/train/variants.ts';
export type { TrainEvent } from '../../core/train/events.ts';
export { resultFormats, type ResultFormat } from '../jobs/saveResults.ts';
export type { PassedOver } from '../../core/files/walk.ts';
export type { SweepProgress } from '../../core/detect/sweep.ts';
export { providerNames, type ProviderName } from '../../core/runtime/providerNames.ts';
export { chooseProvider } from '../../core/runtime/providers.ts';
