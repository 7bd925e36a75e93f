// What people call the processors that ONNX Runtime's execution providers stand for.

const titles: Readonly<Record<string, string>> = {
  cpu: 'CPU',
  cuda: 'CUDA',
  coreml: 'Core ML',
  dml: 'DirectML',
  webgpu: 'WebGPU',
};

/** An execution provider's name as it is written: `WebGPU` for `webgpu`; one that isn't known stays as it is. */
export const processorTitle = (provider: string): string => titles[provider] ?? provider;
