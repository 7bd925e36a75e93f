// Labels of image ids that a COCO file doesn't list: lost, and perhaps those of a listed picture that seems to hold nothing.
import { said } from '../../shared/said.ts';
import type { CocoFile } from './cocoFile.ts';
import type { ImageId } from './cocoRecords.ts';
import { labelKey, type Report } from './report.ts';

/**
 * Reports the labels of ids that no image has, and notes the pictures that may be theirs as `suspects`. Pass all files of the dataset.
 *
 * Whoever makes a part of a dataset often shortens the list of images alone: labels of other images stay, and pictures without labels
 * hold nothing. So lost ids don't count that another file lists with the same labels, nor as many as there are entries of images that
 * can't be read. Those left over cast doubt on the pictures of their file without labels when each may be one of them: when they are no
 * more than these pictures, or when no label of the file finds its image.
 */
export function noteUnlisted(files: readonly CocoFile[], report: Report): void {
  for (const file of files) {
    const { json, images, labels, broken, unread, suspects } = file;
    for (const id of labels.images())
      if (!images.has(id))
        report.lose(json, 'missing-image', said('loss.cocoUnlisted', { count: labels.countOf(id), id }));
    const named = new Set([...labels.images(), ...broken]);
    const lost = [...named].filter((id) => !images.has(id));
    const unclear = lost.filter((id) => !files.some((other) => isOwner(other, id, file))).length - unread;
    const empty = [...images.keys()].filter((id) => !named.has(id));
    const isDisjoint = lost.length === named.size;
    if (unclear > 0 && (unclear <= empty.length || isDisjoint)) for (const id of empty) suspects.add(id);
  }
}

/** Whether a file lists the image of an id that `file` doesn't, with the same labels. */
const isOwner = (other: CocoFile, id: ImageId, file: CocoFile): boolean =>
  other.images.has(id) &&
  other.labels.countOf(id) === file.labels.countOf(id) &&
  keysOf(other, id) === keysOf(file, id);

/** Text that equal labels of an image share. */
const keysOf = ({ labels }: CocoFile, id: ImageId): string => labels.of(id).map(labelKey).join();
