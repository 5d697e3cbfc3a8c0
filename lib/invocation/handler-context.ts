import { isDurableContext } from "./durable.ts";

/**
 * Creates the context object of one handler call. It inherits from the given context, which is never
 * written to: two requests may share the given context (a batch under `Promise.all`), and the commit
 * of one request would be recorded under the key of the other.
 *
 *     A: context.idempotency = a, its handler waits
 *     B: context.idempotency = b
 *     A: context.idempotency.commit(…)          recorded under B's key
 *
 * Handlers and middlewares may write to the new context, also if the given one is frozen. Own members of
 * the given context are own members here too, so that `{ ...context }`, `Object.keys` and
 * `JSON.stringify` have the same result for both. Accessors, such as Lambda's
 * `callbackWaitsForEmptyEventLoop`, forward to the given context. If the given context is an instance of
 * a class, methods and accessors run on that instance, because they may need private members. The other members of
 * a durable context show its present values, because `configureLogger` replaces its logger.
 */
export function ownContext<Context extends object>(given: Context | null | undefined): Context {
  const context = (given ?? {}) as Context;
  // Without a prototype at first: V8 then keeps the members in a dictionary, and does not make a hidden
  // class for each member, which no other call would share.
  const own: Members = Object.create(null);
  const classes = classPrototypes(context);
  for (const prototype of classes.toReversed()) forwardMembers(own, prototype, context, true);
  forwardMembers(own, context, context, classes.length > 0);
  Object.setPrototypeOf(own, context);
  Object.defineProperty(own, OWN_CONTEXT, { configurable: true, value: own });
  return own as Context;
}

/** Adds members to a context made by `ownContext`, also where it inherits others under their names. */
export function addMembers<Context extends object, Added extends object>(
  context: Context,
  added: Added,
): Context & Readonly<Added> {
  const open = { configurable: true, writable: true, enumerable: true };
  for (const [name, value] of Object.entries(added)) {
    Object.defineProperty(context, name, { ...open, value });
  }
  return context as Context & Readonly<Added>;
}

/**
 * The mark of a context created here: the context itself, so that no heir and no copy has the mark. The
 * symbol is registered, because the layer around this one may be of another copy of this package.
 */
const OWN_CONTEXT = Symbol.for("lambda-idempotency.ownContext");

/** The prototypes of a context's classes, nearest first. */
function classPrototypes(context: object): readonly object[] {
  const prototypes: object[] = [];
  // All members of a context created here are own members.
  if ((context as Members)[OWN_CONTEXT] === context) return prototypes;
  let prototype = Object.getPrototypeOf(context);
  while (prototype !== null && !isRootPrototype(prototype)) {
    prototypes.push(prototype);
    prototype = Object.getPrototypeOf(prototype);
  }
  return prototypes;
}

/** Recognised by its form, because every realm has an `Object.prototype` of its own. */
function isRootPrototype(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

/**
 * Gives `own`, which has no prototype yet, the members of `holder`: the target or one of its prototypes.
 * Accessors, and methods if `isBound`, run on the target.
 */
function forwardMembers(own: Members, holder: object, target: object, isBound: boolean): void {
  const isLive = isBound && holder === target && isDurableContext(target);
  for (const name of Reflect.ownKeys(holder)) {
    const member = Reflect.getOwnPropertyDescriptor(holder, name);
    if (member === undefined || name === "constructor") continue;
    const { enumerable = false, value, get, set } = member;
    if (get === undefined && set === undefined) {
      if (isLive && typeof value !== "function") {
        forwardValue(own, name, target, enumerable);
        continue;
      }
      const bound = isBound && typeof value === "function" ? value.bind(target) : value;
      addMember(own, name, bound, enumerable);
      continue;
    }
    Object.defineProperty(own, name, {
      configurable: true,
      enumerable,
      ...(get && { get: () => Reflect.get(target, name) }),
      ...(set && { set: (changed: unknown) => void Reflect.set(target, name, changed) }),
    });
  }
}

/** Adds a member that reads the target until a value is assigned to it here. */
function forwardValue(own: Members, name: PropertyKey, target: object, enumerable: boolean): void {
  Object.defineProperty(own, name, {
    configurable: true,
    enumerable,
    get: () => Reflect.get(target, name),
    set(value: unknown) {
      Object.defineProperty(this, name, { configurable: true, writable: true, enumerable, value });
    },
  });
}

/** Adds a writable, deletable member: by assignment, which is faster, where that has the same effect. */
function addMember(own: Members, name: PropertyKey, value: unknown, enumerable: boolean): void {
  if (enumerable && !(name in own)) own[name] = value;
  else Object.defineProperty(own, name, { configurable: true, writable: true, enumerable, value });
}

type Members = Record<PropertyKey, unknown>;
