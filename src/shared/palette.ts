// Colours of classes: distinct, stable by class index, told apart by people with colour-blindness as far as hue and lightness allow.

/**
 * The first colours come from Okabe and Ito's palette ("Color Universal Design", 2008; chosen for all common kinds of colour-blindness),
 * reordered so that neighbours differ in lightness as well; black is left out because it vanishes on dark pictures.
 */
const base = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'];

/** Lightness and chroma (OKLCH) that later colours cycle through, so that equal-looking hues still differ in brightness. */
const tones = [
  [0.78, 0.13],
  [0.58, 0.16],
  [0.88, 0.1],
  [0.68, 0.17],
] as const;
const goldenAngle = 137.508;

/** Colour of class `classId` as `#rrggbb`. The same index always has the same colour. */
export function classColour(classId: number): string {
  const index = Math.max(0, Math.trunc(classId));
  const fixed = base[index];
  if (fixed !== undefined) return fixed;
  const [lightness, chroma] = tones[index % tones.length]!;
  return oklchToHex(lightness, chroma, ((index * goldenAngle) % 360) * (Math.PI / 180));
}

/** Black or white, whichever is easier to read on `background` (`#rrggbb`), by WCAG contrast. */
export function textColourOn(background: string): '#000000' | '#ffffff' {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const v = Number.parseInt(background.slice(at, at + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff';
}

/** OKLCH to sRGB with Björn Ottosson's published matrices; what lies outside sRGB is clamped per channel. */
function oklchToHex(lightness: number, chroma: number, hue: number): string {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return `#${linear.map(channelToHex).join('')}`;
}

function channelToHex(linear: number): string {
  const v = Math.min(1, Math.max(0, linear));
  const encoded = v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055;
  return Math.round(encoded * 255)
    .toString(16)
    .padStart(2, '0');
}
