// The style sheet of reports: light and dark, screen and paper, nothing loaded from anywhere.

const light = `--bg:#f6f7f9;--card:#fff;--text:#16191d;--soft:#5a636e;--line:#dfe3e8;--grid:#e9ecf0;--accent:#0b63ce;--warn:#8a5300;--warnbg:#fff4de;--heat:11,99,206;
--s0:#0b63ce;--s1:#d1580a;--s2:#0a8a63;--s3:#b4348f;--s4:#8a6d00;--s5:#1292b4;--s6:#7a4fd0;--s7:#c22f3f;`;
const dark = `--bg:#121519;--card:#1a1e24;--text:#e8ebef;--soft:#9aa4b0;--line:#2d343d;--grid:#272d35;--accent:#6db0ff;--warn:#f4c26b;--warnbg:#33290f;--heat:43,112,224;
--s0:#6db0ff;--s1:#ff9a52;--s2:#3fcf9f;--s3:#f083cf;--s4:#e0c04a;--s5:#5bd0ee;--s6:#b59bff;--s7:#ff8088;`;

/** All rules; goes into one `<style>`. */
export const styleSheet = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:56px}
body{margin:0;background:var(--bg);color:var(--text);font:14px/1.5 Roboto,system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans CJK SC",sans-serif;font-variant-numeric:tabular-nums}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.defs{position:absolute}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 24px}
header{padding-top:32px;padding-bottom:16px}
h1{font-size:26px;line-height:1.25;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:18px;margin:40px 0 12px}
h3{font-size:14px;margin:24px 0 8px}
.sub{color:var(--soft);margin:4px 0 0;overflow-wrap:anywhere}
nav{position:sticky;top:0;z-index:2;background:color-mix(in srgb,var(--bg) 94%,transparent);border-bottom:1px solid var(--line)}
nav ul{display:flex;gap:20px;max-width:1240px;margin:0 auto;padding:0 24px;list-style:none;overflow-x:auto}
nav a{display:block;padding:10px 0;color:var(--soft);text-decoration:none;white-space:nowrap}
nav a:hover{color:var(--text)}
.stats{display:grid;grid-template-columns:repeat(auto-fit,minmax(112px,1fr));gap:1px;background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden;margin:20px 0 0;padding:0}
.stats div{box-shadow:1px 0 0 var(--line),0 1px 0 var(--line);padding:12px 14px}
.stats dt{color:var(--soft);font-size:12px}
.stats dd{margin:0;white-space:nowrap;font-size:20px;font-weight:600;letter-spacing:-.01em}
.stats .lead dd{color:var(--accent)}
.cols{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:16px;align-items:start}
.card,.chart{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin:0;min-width:0}
.verdict{border-left:3px solid var(--accent);font-size:16px;margin:16px 0 0}
.verdict p{margin:4px 0}
.warn{background:var(--warnbg);border-color:transparent;color:var(--warn);margin:0 0 16px}
.warn ul{margin:4px 0 0;padding-left:20px}
figcaption{font-weight:600}
.chart{height:100%}
.wide{grid-column:1/-1}
.chart svg{display:block;width:100%;height:auto;margin-top:6px}
.chart text{font-size:12px;fill:var(--soft)}
.chart .grid{stroke:var(--grid)}
.chart .axis,.chart .tick{stroke:var(--soft)}
.chart .line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.chart .strong{stroke-width:2.6}
.chart .raw{fill:none;stroke:var(--c);opacity:.22;stroke-width:1}
.chart .band{fill:var(--c);opacity:.16}
.chart .dot{fill:var(--card);stroke:var(--c);stroke-width:1.6}
.chart .hit{fill:transparent}
.chart .hit:hover{fill:var(--c);fill-opacity:.3}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;margin:4px 0 0;padding:0;font-size:13px;color:var(--soft)}
.legend li{max-width:100%;overflow-wrap:anywhere}
.legend i{display:inline-block;width:14px;height:3px;border-radius:2px;background:var(--c);margin-right:6px;vertical-align:middle}
.classes{margin:0 0 12px}
.classes li{display:flex;align-items:center}
.classes .swatch{flex:none}
.note,.empty{color:var(--soft);font-size:13px;margin:8px 0}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
table{border-collapse:collapse;width:100%}
th,td{padding:6px 14px;text-align:left;border-bottom:1px solid var(--grid);font-weight:400;vertical-align:top}
tbody th{overflow-wrap:anywhere;min-width:120px}
tbody tr:last-child>*{border-bottom:0}
thead th{color:var(--soft);font-size:12px;white-space:nowrap;border-bottom-color:var(--line)}
.n{text-align:right;white-space:nowrap}
.bar{display:inline-block;width:72px;height:6px;border-radius:3px;background:var(--grid);margin-right:10px;vertical-align:middle;overflow:hidden}
.bar i{display:block;height:100%;border-radius:3px;background:var(--accent)}
.swatch{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:8px;background:hsl(var(--h) 70% 50%)}
.matrix{width:fit-content;max-width:100%}
.matrix table{width:auto}
.matrix td{text-align:center;min-width:44px;padding:5px 8px;background:rgba(var(--heat),var(--a,0))}
.matrix thead th{text-align:center;max-width:110px;overflow:hidden;text-overflow:ellipsis}
.matrix td.hot{color:#fff}
.matrix td.zero{color:var(--soft);opacity:.55}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,220px),1fr));gap:12px}
.gallery figure,.pair{margin:0;background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden;break-inside:avoid}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,560px),1fr));gap:16px}
.pair>div{display:grid;grid-template-columns:1fr 1fr;gap:2px}
.pair p{margin:0;padding:6px 12px;font-size:12px;color:var(--soft)}
.gallery figcaption,.pair figcaption{font-weight:400;padding:8px 12px;font-size:13px;overflow-wrap:anywhere}
.gallery small{color:var(--soft);display:block}
.picture{display:block;width:100%;height:auto;overflow:hidden;background:#000}
.picture rect{fill:none;stroke:hsl(var(--h) 95% 58%);stroke-width:2;vector-effect:non-scaling-stroke}
.picture text{fill:#fff;stroke:rgba(0,0,0,.78);paint-order:stroke;stroke-linejoin:round;font-weight:600}
details{margin:0 0 12px}
summary{cursor:pointer;padding:8px 0;font-weight:600}
summary span{color:var(--soft);font-weight:400;margin-left:8px}
footer{color:var(--soft);font-size:12px;padding-top:40px;padding-bottom:40px}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{:root{color-scheme:light;${light}}body{background:#fff;font-size:11px}nav{display:none}header,main,footer{padding-left:0;padding-right:0}.cols{grid-template-columns:1fr 1fr}.stats{grid-template-columns:repeat(8,1fr)}.stats dd{font-size:15px}.stats div{padding:8px}
.chart,.card,figure,tr,.stats{break-inside:avoid}h2,h3,summary{break-after:avoid}.scroll{overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
