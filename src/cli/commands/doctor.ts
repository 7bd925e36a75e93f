// ttfnet-studio doctor
import type { Command } from 'commander';
import { doctorTask } from '../../app/tasks/doctorTask.ts';
import type { Session } from '../ending.ts';
import { jsonOption } from '../options.ts';
import { version } from '../version.ts';

/** Adds the command. */
export function addDoctor(program: Command, _session: Session): void {
  program
    .command('doctor')
    .description(
      'Versions, execution providers and why one is not used, threads, measured speed, and whether anything is reported.',
    )
    .addOption(jsonOption())
    .action(run);
}

async function run({ json }: { json?: boolean }): Promise<void> {
  const d = await doctorTask();
  if (json) {
    process.stdout.write(`${JSON.stringify({ version, ...d })}\n`);
    return;
  }
  const providers = d.providers
    .map((p) => `  ${p.name.padEnd(8)}${p.usable ? 'works' : `not used: ${p.reason ?? 'unknown'}`}`)
    .join('\n');
  process.stdout.write(`ttfnet-studio ${version}, Node ${d.node}, ONNX Runtime ${d.onnxruntime}, ${d.platform} ${d.arch}
${d.cpu}, ${d.logicalCores} cores (${d.threads} threads used), ${(d.memory / 2 ** 30).toFixed(1)} GiB
${d.telemetry.message}

Execution providers, in order of preference:
${providers}

Blocked convolutions: ${d.block > 1 ? `${d.block} channels a block` : 'not on this processor; the portable graphs are used'}
Matrix product: ${d.matMul.toFixed(0)} GFLOP/s
Base network, one picture of 512x512: ${d.detectMs.toFixed(1)} ms
`);
}
