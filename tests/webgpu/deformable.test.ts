// Deformable convolution on WebGPU, where it is composed of other operators: the numbers of the CPU's own operator.
import { expect, it } from 'vitest';
import { describeUnless } from '../support/leftOut.ts';
import { relativeDifference } from '../support/lowerings.ts';
import { build, heads } from '../support/randomTtfnet.ts';
import { noDriver } from '../support/softwareDriver.ts';

describeUnless(noDriver(), 'TTFNet-18 on SwiftShader', () => {
  it('finds what it finds on the CPU', async () => {
    const [cpu, gpu] = [await heads(build('cpu'), 'cpu'), await heads(build('webgpu'), 'webgpu')];
    cpu.forEach((map, i) => expect(relativeDifference(gpu[i]!, map)).toBeLessThan(1e-3));
  });
});
