// Records as the tests write them: bytes in base64, null is null.
export const bytes = (text) => (text === null || text === undefined ? null : Buffer.from(text, 'base64'));
export const text = (value) => (value === null || value === undefined ? null : Buffer.from(value).toString('base64'));

// A set of headers where a client wants an object: a name that is there twice has an array of values.
export const headerObject = (headers) => {
  const all = {};
  for (const [name, value] of headers) {
    const one = bytes(value);
    all[name] = name in all ? [...(Array.isArray(all[name]) ? all[name] : [all[name]]), one] : one;
  }
  return all;
};

export const headerList = (headers) =>
  Object.entries(headers ?? {}).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => [name, text(one)]));

// However busy the machine is, it is no fault of the broker.
export const LONG_MS = 120_000;

// Makes something once, also for those who ask while it is being made.
export const once = (make) => {
  const made = new Map();
  return (...how) => {
    const key = how.join('/');
    if (!made.has(key)) made.set(key, make(...how));
    return made.get(key);
  };
};

// Waits for something that a callback brings.
export const signal = () => {
  let resolve, reject;
  const promise = new Promise((yes, no) => { resolve = yes; reject = no; });
  return { promise, resolve, reject };
};
