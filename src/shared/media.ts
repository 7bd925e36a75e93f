// Addresses of pixels under `/media/`: the interface builds them, the media function of the host reads them. Ids only, never paths.

const part = encodeURIComponent;

/** Paths of pictures and planes, relative to the page's origin. All answer with caching headers; `v` busts the cache. */
export const mediaUrl = {
  /** Upright thumbnail (WebP), at most `size` pixels on its longer side (64 to 1024). */
  thumbnail: (project: string, image: string, size = 256) =>
    `/media/${part(project)}/thumbnail/${part(image)}?size=${size}`,
  /** The whole upright image in a form that every browser shows. */
  image: (project: string, image: string) => `/media/${part(project)}/image/${part(image)}`,
  /** Heatmap planes as bytes: classes x rows x columns (`heatmapInfo` in contract/detect.ts). */
  heatmap: (project: string, heatmap: string) => `/media/${part(project)}/heatmap/${part(heatmap)}`,
  /** Four float32 planes of distances, little endian. */
  distances: (project: string, heatmap: string) => `/media/${part(project)}/distances/${part(heatmap)}`,
  /** Picture of a validation image as the run sees it: heatmap and boxes painted on. */
  preview: (project: string, run: string, image: string, version: number) =>
    `/media/${part(project)}/preview/${part(run)}/${part(image)}?v=${version}`,
  /** Picture of an augmented training sample with its targets. */
  sample: (project: string, sample: string) => `/media/${part(project)}/sample/${part(sample)}`,
  /** Upright picture of a file of a detection job. */
  result: (job: string, index: number, size = 1024) => `/media/jobs/result/${part(job)}/${index}?size=${size}`,
} as const;
