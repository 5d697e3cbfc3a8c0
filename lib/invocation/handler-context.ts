/**
 * Makes the context object of one handler call. It inherits from the given one, which is never
 * written to: two requests may share that one (a batch under `Promise.all`), and the commit of one
 * would then go under the key of the other.
 *
 *     A: context.idempotency = a, its handler waits
 *     B: context.idempotency = b
 *     A: context.idempotency.commit(…)          recorded under B's key
 *
 * Handlers and middlewares may write to their own context, also where the given one is frozen. The given
 * object's own members are there as own members too, so that `{ ...context }`,
 * `Object.keys` and `JSON.stringify` give what they gave before. Accessors go on to the given
 * object (Lambda's `callbackWaitsForEmptyEventLoop` is one). Where the given object is an instance
 * of a class, methods and accessors run on that instance, because they may need private members.
 *
 * @param added members of its own, also under names that the given object has.
 */
export function ownContext<Context extends object, Added extends object>(
  given: Context | null | undefined,
  added: Added,
): Context & Readonly<Added> {
  const context = (given ?? {}) as Context;
  // It begins without a prototype: V8 then keeps its members in a dictionary, and makes no hidden class
  // for each, which no other call would share.
  const own: Members = Object.create(null);
  const classes = classPrototypes(context);
  for (const prototype of classes.toReversed()) forwardMembers(own, prototype, context, true);
  forwardMembers(own, context, context, classes.length > 0);
  for (const [name, value] of Object.entries(added)) addMember(own, name, value, true);
  Object.setPrototypeOf(own, context);
  ownContexts.add(own);
  return own as Context & Readonly<Added>;
}

/** Contexts made here have all members as their own: none needs to be looked for in a class. */
const ownContexts = new WeakSet<object>();

/** The prototypes of the classes that a context is an instance of, nearest first. */
function classPrototypes(context: object): readonly object[] {
  const prototypes: object[] = [];
  if (ownContexts.has(context)) return prototypes;
  let prototype = Object.getPrototypeOf(context);
  while (prototype !== null && !isRootPrototype(prototype)) {
    prototypes.push(prototype);
    prototype = Object.getPrototypeOf(prototype);
  }
  return prototypes;
}

/** Every realm has an `Object.prototype` of its own. */
function isRootPrototype(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

/** Gives `own`, which has no prototype yet, the members of an object in which the given context has them. */
function forwardMembers(own: Members, holder: object, target: object, isBound: boolean): void {
  for (const name of Reflect.ownKeys(holder)) {
    const member = Reflect.getOwnPropertyDescriptor(holder, name);
    if (member === undefined || name === "constructor") continue;
    const { enumerable = false, value, get, set } = member;
    if (get === undefined && set === undefined) {
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

/** Adds a member that may be written to and deleted: by assignment, which is fast, where that says the same. */
function addMember(own: Members, name: PropertyKey, value: unknown, enumerable: boolean): void {
  if (enumerable && !(name in own)) own[name] = value;
  else Object.defineProperty(own, name, { configurable: true, writable: true, enumerable, value });
}

type Members = Record<PropertyKey, unknown>;
