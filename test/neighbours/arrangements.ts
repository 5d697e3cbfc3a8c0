import middy from "@middy/core";
import { idempotent } from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import type { Answer } from "../support/service.ts";

export type Form = "middleware" | "wrapper";
export type Place = "in front" | "behind" | "around" | "inside";
export type Handler = (event: never, context: never) => unknown;
export type Api = (event: unknown, context: object) => Promise<Answer>;
type Middleware = Parameters<ReturnType<typeof middy>["use"]>[0];
type Arrange = (handler: Handler, ours: object, middleware: object) => Api;

const use = (handler: unknown, ...middlewares: object[]) =>
  middy(handler as never).use(middlewares as Middleware) as unknown as Api;

const middleware = (options: object) => idempotency(options as never);

const wrapper = (handler: unknown, options: object) =>
  idempotent(handler as never, options as never) as unknown as Api;

/** All places of a middleware beside the layer, by the form of the layer. */
export const ARRANGEMENTS: Readonly<Record<Form, Partial<Record<Place, Arrange>>>> = {
  middleware: {
    "in front": (handler, options, other) => use(handler, other, middleware(options)),
    behind: (handler, options, other) => use(handler, middleware(options), other),
    around: (handler, options, other) => use(use(handler, middleware(options)), other),
  },
  wrapper: {
    around: (handler, options, other) => use(wrapper(handler, options), other),
    inside: (handler, options, other) => wrapper(use(handler, other), options),
  },
};
