// "Look for new images": reads the project's folder again and tells what was found.
import { t } from '../../i18n/i18n.svelte.ts';
import type { App } from '../../state/app.svelte.ts';

/** Rescans the open project's folder. */
export function rescan(app: App): void {
  const { project } = app;
  if (!project) return;
  void app.attempt(async () => {
    const found = await project.work.run(t('project.rescanning'), (signal) =>
      project.client.project.rescan({ project: project.id }, { signal }),
    );
    await project.reread();
    if (!project.editor.image) await project.show(0);
    app.toasts.passedOver(found.passedOver);
    app.toasts.show({ tone: 'good', title: t('project.rescanned', { added: found.added, missing: found.missing }) });
  });
}
