// English sentences of the host: files, folders, disks, processes, the connection.

/** Sentences by key. */
export const files = {
  'file.missing': '{file} does not exist. Check the path.',
  'file.notFolder': '{file} is not inside a folder. Check the path.',
  'file.denied': '{file} may not be accessed. Change its permissions or choose another place.',
  'file.readOnlyDisk': '{file} is on a read-only disk. Choose another place.',
  'file.isFolder': '{file} is a folder where a file was expected.',
  'file.isFile': '{folder} is a file. Choose another folder.',
  'file.linkLoop': '{file} is a link that leads back to itself. Replace it.',
  'file.notPlain': '{file} is a device, a pipe or a socket where a file was expected. Leave it out or replace it.',
  'file.tooLarge': '{file} has {size} MB; at most {most} MB are read. Make it smaller, split it up or leave it out.',
  'folder.behindFile': '{folder} can’t be made, because {file} is a file. Choose another folder.',
  'file.gone': '{file} is not there (any more). Bring it back, or rescan the folder.',
  'file.failed': '{file} could not be used: {detail}.',
  'disk.full':
    '{file} could not be written: the disk is full. Free some space and try again; nothing already written was changed.',
  'disk.quota': '{file} could not be written: the disk quota is used up. Free some space and try again.',
  'path.notChosen': '{file} was not chosen by you. Choose it in the dialog or drop it on the window first.',
  'path.outsideRoots':
    '{file} was not chosen by you. Only folders under {roots} may be used; start "serve" with --root FOLDER to allow more.',
  'path.nowhere': '{file} has no existing folder above it. Check the path.',
  'folder.notEmpty':
    '{folder} is not empty: what is written would be mixed with the {count} {count|file or folder|files and folders} there. Choose a new or empty folder.',
  'folder.inUse':
    'Another program (process {pid}) is writing into {folder}. Wait until it has finished, or choose another folder. If no program is at work there, delete {leftover}.',
  'folder.held':
    'Another program is writing {folder} (process {pid} on {host}, since {since}). Wait until it has ended, or choose another folder.',
  'folder.name': '"{name}" is not a folder name. Leave out slashes.',
  'folder.isFile': '{folder} is a file. Name the folder that it lies in, {parent}.',
  'walk.unreadable': 'this folder could not be entered, so what it holds is left out. {reason}',
  'walk.output': 'this folder holds results that TTFNet Studio wrote; left out',
  'walk.deadLink': 'this link leads to nothing; left out',
  'walk.unseen': 'this file could not be looked at and is left out: it is gone, or its name is not UTF-8. {reason}',
  'walk.notFile': 'neither a file nor a folder (a pipe, socket or device); left out',
  'output.detections':
    '{folder} holds detections that TTFNet Studio wrote: boxes that nobody checked, perhaps drawn onto the pictures. Choose the folder of the original pictures. If you do want this folder, delete the file {marker} in it.',
  'output.run':
    '{folder} is the folder of a training run, not of pictures. Choose the folder of the pictures. If you do want this folder, delete the file {marker} in it.',
  'worker.stopped':
    'The {process} process stopped unexpectedly ({reason}). Labels are safe; it is started again when it is next needed.',
  'worker.silent':
    'The {process} process did not answer for {seconds} seconds. Labels are safe; it is started again when it is next needed.',
  'connection.lost': 'The connection to the program was lost. It reconnects by itself; repeat what you did last.',
  'program.failed': 'Something went wrong inside the program ({where}): {detail}',
} as const satisfies Record<string, string>;
