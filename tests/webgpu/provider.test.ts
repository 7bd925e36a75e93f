// The WebGPU provider for real, on the software Vulkan driver that a browser brings along.
import { expect, test } from 'vitest';
import { tensor } from '../../src/core/runtime/hostTensor.ts';
import { providerWorks } from '../../src/core/runtime/providerWorks.ts';
import { createSession } from '../../src/core/runtime/session.ts';
import { encodeTinyModel } from '../../src/core/runtime/tinyModel.ts';
import { describeUnless } from '../support/leftOut.ts';
import { noDriver } from '../support/softwareDriver.ts';

describeUnless(noDriver(), 'WebGPU on SwiftShader', () => {
  test('convolves as the CPU does', async () => {
    expect(await providerWorks('webgpu')).toEqual({ usable: true });
    const shapes = { x: [1, 4, 8, 8], w: [6, 4, 3, 3] };
    const model = encodeTinyModel({ op: 'Conv', inputs: shapes, output: [1, 6, 6, 6], ints: { kernel_shape: [3, 3] } });
    const wave = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i * 1.3));
    const feeds = { x: tensor('float32', wave(256), shapes.x), w: tensor('float32', wave(216), shapes.w) };
    const [gpu, cpu] = await Promise.all(
      (['webgpu', 'cpu'] as const).map(async (provider) => {
        const session = await createSession(model, { provider, profile: true });
        const y = (await session.run(feeds))['y']!.data as Float32Array;
        const { rows } = await session.endProfile();
        await session.release();
        return { y, ran: rows.filter((r) => r.op.includes('Conv')).map((r) => r.provider) };
      }),
    );
    expect(gpu!.ran).toEqual(['WebGpuExecutionProvider']);
    expect(cpu!.ran).toEqual(['CPUExecutionProvider']);
    const worst = gpu!.y.reduce((max, v, i) => Math.max(max, Math.abs(v - cpu!.y[i]!)), 0);
    expect(gpu!.y).toHaveLength(216);
    expect(worst).toBeLessThan(1e-4);
  });
});
