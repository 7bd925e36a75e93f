// Reads YAML of other people: text only, no aliases.
import { FAILSAFE_SCHEMA, YAMLException, load } from 'js-yaml';
import { saying } from '../../shared/errors.ts';
import { maxDepth, tooDeep } from './limits.ts';

/**
 * Parses YAML with every scalar as text, so that a class called `no` or `12` stays what it is. Aliases (`*name`) are refused: a few of them
 * within each other stand for gigabytes. Error: `annotation-invalid` with line.
 */
export function parseYaml(text: string, file: string): unknown {
  try {
    return load(text, { schema: FAILSAFE_SCHEMA, maxDepth, maxAliases: 0 });
  } catch (error) {
    const line = error instanceof YAMLException && error.mark ? `, line ${error.mark.line + 1}` : '';
    const reason = error instanceof YAMLException ? error.reason : String(error);
    const place = `${file}${line}`;
    if (reason.includes('maxAliases')) throw saying('annotation-invalid', 'annotation.alias', { file: place }, error);
    if (reason.includes('maxDepth')) throw tooDeep(place, error);
    throw saying('annotation-invalid', 'annotation.yaml', { file: place, detail: reason }, error);
  }
}
