import { expect, test } from "@jest/globals";
import { draw } from "../../bench/plots/draw.ts";
import { size } from "../../bench/plots/plots.ts";

const RESULTS = {
  bundles: [
    { handler: "Powertools: Middy", sdkOut: { minifiedBytes: 49_146 } },
    { handler: "ours: Middy, DynamoDB", sdkOut: { minifiedBytes: 12_000 } },
  ],
};

test("a plot shows the figures without a background, to be readable on white and on black", async () => {
  const svg = await draw(size(RESULTS));
  expect(svg).toContain(">49.1</text>");
  expect(svg).toContain(">12.0</text>");
  expect(svg).not.toMatch(/fill="(white|#fff(fff)?|black|#000(000)?)"/);
});
