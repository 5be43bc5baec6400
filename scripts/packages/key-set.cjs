// Loaded before a packaged function: answers what the function fetches of its user pool from the environment. Nothing
// else is fetched, here or anywhere. Plain CommonJS, as what it stands beside.
const keySet = process.env.BENCH_KEY_SET;

globalThis.fetch = async (url) => {
  if (!String(url).endsWith("/.well-known/jwks.json")) throw new Error(`nothing answers ${url}`);
  return new Response(keySet);
};
