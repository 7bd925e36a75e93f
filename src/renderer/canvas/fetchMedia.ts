// Asks the host for pixels; a failure is an error with the host's sentence, as it is for calls.
import { errorCodes, saying, StudioError, type ErrorCode } from '../../shared/errors.ts';
import { toSaid } from '../../shared/said.ts';

/** The answer to an address of `mediaUrl`. @throws StudioError with the host's code and sentence; connection-lost when it doesn't answer */
export async function fetchMedia(url: string): Promise<Response> {
  const answer = await fetch(url).catch((error: unknown) => {
    throw saying('connection-lost', 'connection.lost', {}, error);
  });
  if (answer.ok) return answer;
  const code = answer.headers.get('X-Error-Code') as ErrorCode | null;
  const message = (await answer.text()) || `${String(answer.status)} ${answer.statusText}`;
  const known = code !== null && errorCodes.includes(code) ? code : 'internal';
  throw new StudioError(known, message, undefined, saidIn(answer.headers.get('X-Error-Said')));
}

function saidIn(header: string | null) {
  try {
    return header === null ? null : toSaid(JSON.parse(decodeURIComponent(header)));
  } catch {
    return null; // cut on the way: the English sentence is there too
  }
}
