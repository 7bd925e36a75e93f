// From what a person chose to the settings of a run: the network's start, an official schedule, names of published weights.
import { StudioError } from '../../shared/errors.ts';
import { openWeights } from '../../core/model/openModel.ts';
import { parseVariant } from '../../core/ttfnet/networks/paperNetworks.ts';
import { defaultConfig, makeConfig, type TrainConfig } from '../../core/train/config.ts';
import { describeSchedule, officialSettings, type OfficialSchedule } from '../../core/train/officialSchedules.ts';
import { backboneOf, defaultModelsFolder, resolveModel } from './modelsFolder.ts';

/** What a run is to be. */
export interface SettingsRequest {
  /** Settings that were given; they win over the schedule's. */
  settings: Partial<TrainConfig>;
  /** One of the paper's networks, with its published backbone as start unless the settings or the schedule say otherwise. */
  network?: string;
  /** A schedule of the official code. */
  official?: OfficialSchedule;
  /** Folder of downloaded weights. */
  modelsFolder?: string;
}

/** Settings with all choices made. */
export interface CompleteSettings {
  settings: Partial<TrainConfig>;
  /** Sentences about what was chosen, for the log. */
  notes: readonly string[];
}

/**
 * Makes the choices of a request.
 * @throws argument-invalid when start, network and schedule don't go together; file-missing for weights that were not downloaded
 */
export async function completeSettings(request: SettingsRequest): Promise<CompleteSettings> {
  const { settings, network, official } = request;
  const start = await startOf(request);
  const settled = { ...settings, ...(start === undefined ? {} : { start }) };
  if (network === undefined && official === undefined) return { settings: settled, notes: [] };
  const found = await networkOf(start ?? defaultConfig.start);
  if (network !== undefined && parseVariant(found)?.base !== network)
    throw new StudioError(
      'argument-invalid',
      `${start ?? defaultConfig.start} is ${found}, not ${network}. Leave --network out, or choose another --start.`,
    );
  if (official === undefined) return { settings: settled, notes: [] };
  const all = { ...officialSettings(official, found), ...settled };
  return { settings: all, notes: [describeSchedule(official, found, makeConfig(all))] };
}

/** What the run starts from; undefined for the usual start. */
async function startOf({
  settings,
  network,
  official,
  modelsFolder = defaultModelsFolder,
}: SettingsRequest): Promise<string | undefined> {
  const { start } = settings;
  if (official === 'scratch') {
    const name = start ?? network;
    if (name === undefined || !parseVariant(name))
      throw new StudioError(
        'argument-invalid',
        `The schedule scratch starts from random weights${name === undefined ? '' : `, not from ${name}`}. Name the network alone: --network ttfnet-18.`,
      );
    return name;
  }
  if (start !== undefined) return resolveModel(start, modelsFolder);
  return network === undefined ? undefined : backboneOf(network, modelsFolder);
}

const networkOf = async (start: string): Promise<string> => (await openWeights(start)).description.network;
