/** Serverless plugin: the embedded AWS behind `sls offline`. */
export default class LocalPlugin {
  hooks = {};
}
