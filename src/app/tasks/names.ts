// Names that shells offer as choices.
export { formatNames, type FormatName } from '../../core/dataset/adapter.ts';
export { outputFormats, type OutputFormat } from './detectTask.ts';
export { baseModelName } from '../../core/model/openModel.ts';
