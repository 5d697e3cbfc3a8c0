import { expect, test } from "@jest/globals";
import { draw } from "../../bench/plots/draw.ts";
import { size } from "../../bench/plots/plots.ts";

const bundle = (handler: string, minifiedBytes: number) => {
  const bytes = { minifiedBytes, gzippedBytes: minifiedBytes };
  return { handler, sdkOut: bytes, sdkIn: bytes };
};
const RESULTS = {
  bundles: [bundle("Powertools: Middy", 49_146), bundle("ours: Middy, DynamoDB", 12_000)],
};

test("a plot shows the figures without a background, to be readable on white and on black", async () => {
  const svg = await draw(size(RESULTS));
  expect(svg).toContain(">49.1</text>");
  expect(svg).toContain(">12.0</text>");
  expect(svg).not.toMatch(/fill="(white|#fff(fff)?|black|#000(000)?)"/);
});
