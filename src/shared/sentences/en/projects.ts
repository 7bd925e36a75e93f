// English sentences of the host: projects, their files, backups, copies.

/** Sentences by key. */
export const projects = {
  'project.notOpen': 'This project is not open (any more). Open it again from Home.',
  'project.none': '{folder} has no project. Make one there first, or check the path.',
  'project.exists': '{folder} has a project already ({file}). Open that one.',
  'project.heldBy':
    '{file} is being edited by another program (process {pid} on {host}, since {since}): it is open read-only here. Close it there to edit it here.',
  'project.olderWriter': '{file} is being edited by an older version of this program. Close it there first.',
  'project.newer':
    '{file} was written by a newer version of this program (project version {version}; this one reads up to {most}). Update the program.',
  'project.readOnly': '{folder} is read-only, so the project is open read-only. Copy the folder to edit it.',
  'project.linked':
    '{link} is a link to another place, so {file} is open read-only: nothing is written outside of the project. Put the real folder or file there to edit it.',
  'project.outsideRuns':
    '{count} {count|run names a folder|runs name folders} outside of this project, such as "{name}" ({folder}): nothing there is read, changed or deleted.',
  'project.forReading': '{file} was opened for reading only.',
  'project.noPlace':
    "{folder} is read-only, and so is the folder around it: there is no place for the project. Choose a folder for the program's data, or copy the images.",
  'project.withoutLog':
    '{file} was copied without its log ({log}) while it was open: the last edits may be missing. Copy both files from the original again, or look whether a backup is newer.',
  'project.damaged': '{file} is damaged or is not a project. Open it again: the newest good backup will be shown.',
  'project.failing':
    '{file} could not be written: the disk is full or failing. Free some space or use another disk; nothing saved before was lost.',
  'project.full': '{file} could not be written: the disk is full. Free some space; nothing saved before was lost.',
  'project.busy': '{file} is being written by another program. Close it there, or try again.',
  'project.denied': '{file} may not be written. Change its permissions or use a copy.',
  'project.unopened': '{file} could not be opened. Check that the folder exists and may be written.',
  'damage.empty': '{file} is empty.',
  'damage.onlyLog': '{file} is missing, only its log ({log}) is there: both belong together.',
  'damage.onlyBackups': '{file} is missing, only its backups are there.',
  'damage.notProject': '{file} is a database, but not a project of this program.',
  'damage.found': '{file} is damaged ({detail}).',
  'damage.unreadable': '{file} is damaged or is not a project (SQLite: {detail}).',
  'damage.text':
    '{file} is damaged: the text in column "{column}" of table "{table}" can\'t be read. Put a backup in its place, or another copy.',
  'damage.history': "{file} is damaged: its history can't be read. Put a backup in its place, or another copy.",
  'backup.shown':
    '{damage} Shown read-only is the newest good backup, of {at}. Restore it to go on from there; the damaged file is kept.',
  'backup.none': '{damage} There is no good backup in {folder}. Keep the file, and look for a copy of it elsewhere.',
  'merge.noProject': "{folder} has no project. Choose the other copy's folder.",
  'merge.sameProject': "{file} is this project itself. Choose the other person's copy.",
  'merge.stranger':
    '"{name}" is not a copy of this project, so there is no common past to merge from. Export its labels and import them instead.',
} as const satisfies Record<string, string>;
