// A process that makes a project of each folder it is given (`format:folder`, or `:folder`), labels included, and prints what became of it.
import { formatNames } from '../../src/core/dataset/adapter.ts';
import { createTask } from '../../src/app/tasks/projectCreate.ts';
import { doTasks } from './tasksOfChild.ts';

const shown = 20;

await doTasks(async (task) => {
  const [name, ...folder] = task.split(':');
  const format = formatNames.find((known) => known === name);
  const { scan, imported } = await createTask({ folder: folder.join(':'), format, import: true });
  const losses = imported?.report.losses ?? [];
  const { boxes = 0, newClasses = 0 } = imported?.added ?? {};
  return [
    `${boxes} boxes, ${newClasses} classes, ${losses.length} losses, ${scan.added} pictures`,
    ...losses.slice(0, shown).map(({ file, kind, reason }) => `${kind} ${file}: ${reason}`),
  ];
});
