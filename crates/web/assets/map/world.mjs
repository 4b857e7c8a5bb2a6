// Makes world.svg and ../../locales/countries.tsv. Run once, by hand, when either source changes:
//   npm install --no-save world-atlas@2.0.2 topojson-client@3 i18n-iso-countries@7 && node world.mjs
// Outlines: Natural Earth 1:110m (public domain) as packaged by world-atlas. Names: CLDR, through Intl.DisplayNames.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
const require = createRequire(process.cwd() + "/");
const { feature } = require("topojson-client");
const codes = require("i18n-iso-countries");
const atlas = JSON.parse(readFileSync(require.resolve("world-atlas/countries-110m.json")));

const WIDTH = 960;
// Robinson's table: for each 5 degrees of latitude, relative length of the parallel and distance from the equator.
const TABLE = [[1,0],[0.9986,0.062],[0.9954,0.124],[0.99,0.186],[0.9822,0.248],[0.973,0.31],[0.96,0.372],[0.9427,0.434],[0.9216,0.4958],[0.8962,0.5571],[0.8679,0.6176],[0.835,0.6769],[0.7986,0.7346],[0.7597,0.7903],[0.7186,0.8435],[0.6732,0.8936],[0.6213,0.9394],[0.5722,0.9761],[0.5322,1]];
function project([longitude, latitude]) {
  const at = Math.min(Math.abs(latitude) / 5, 17.999), i = Math.floor(at), t = at - i;
  const x = TABLE[i][0] * (1 - t) + TABLE[i + 1][0] * t, y = TABLE[i][1] * (1 - t) + TABLE[i + 1][1] * t;
  // Turned by 11 degrees, so that Chukotka is not cut off from Russia.
  let turned = longitude - 11;
  if (turned < -180) turned += 360;
  const scale = WIDTH / (2 * Math.PI * 0.8487);
  return [WIDTH / 2 + 0.8487 * scale * x * turned * Math.PI / 180, 1.3523 * scale * -y * Math.sign(latitude)];
}
const TOP = -project([0, 83.7])[1], HEIGHT = Math.round(TOP + project([0, -56])[1]);

function ring(points) {
  let d = "", last;
  let kept = 0;
  for (const point of points) {
    const p = project(point), q = [Math.round(p[0]), Math.round(p[1] + TOP)];
    if (!last) d = `M${q[0]} ${q[1]}l`;
    else {
      const dx = q[0] - last[0], dy = q[1] - last[1];
      if (dx === 0 && dy === 0) continue;
      // A jump across the whole map is the seam at the antimeridian.
      if (Math.abs(dx) > WIDTH / 2) { d = d.replace(/l$/, "") + `M${q[0]} ${q[1]}l`; last = q; continue; }
      d += (kept && dx >= 0 ? " " : "") + dx + (dy < 0 ? "" : " ") + dy;
      kept++;
    }
    last = q;
  }
  return kept > 2 ? d + "z" : "";
}

const shapes = [];
for (const { id, properties, geometry } of feature(atlas, atlas.objects.countries).features) {
  if (id === "010") continue; // Antarctica
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const d = polygons.flatMap(rings => rings.map(ring)).join("");
  const code = id ? codes.numericToAlpha2(id) : properties.name === "Kosovo" ? "XK" : "";
  if (d) shapes.push([code ?? "", d]);
}
shapes.sort((a, b) => a[0] < b[0] ? -1 : 1);
writeFileSync("world.svg", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}"><g id="land">\n`
  + shapes.map(([code, d]) => `<path${code ? ` id="${code}"` : ""} d="${d}"/>`).join("\n") + "\n</g></svg>\n");

const names = ["en", "ru"].map(language => new Intl.DisplayNames(language, { type: "region", fallback: "none" }));
const rows = [...Object.keys(codes.getAlpha2Codes()), "XK"].sort().map(code => [code, ...names.map(n => n.of(code) ?? code)].join("\t"));
writeFileSync("../../locales/countries.tsv", rows.join("\n") + "\n");
const languages = "aa ab af am ar as av az ba be bg bm bn bo br bs ca ce cs cv cy da de dv dz el en eo es et eu fa ff fi fo fr fy ga gd gl gu ha he hi hr ht hu hy id ig is it ja jv ka kk km kn ko ku kv ky la lb ln lo lt lv mg mk ml mn mr ms mt my nb ne nl nn no oc or os pa pl ps pt qu rm ro ru rw sa sc sd se si sk sl so sq sr st sv sw ta te tg th ti tk tl tn tr ts tt ug uk ur uz vi wo xh yi yo zh zu".split(" ");
const spoken = ["en", "ru"].map(language => new Intl.DisplayNames(language, { type: "language" }));
const capital = text => text[0].toUpperCase() + text.slice(1);
writeFileSync("../../locales/languages.tsv", languages.map(code => [code, ...spoken.map(n => capital(n.of(code)))].join("\t")).join("\n") + "\n");
console.log(`world.svg: ${WIDTH} × ${HEIGHT}, ${shapes.length} shapes; ${rows.length} countries`);
