import type { EdgeService } from "../deploy/edge-hooks.ts";
import { sweepBundles } from "./build-folder.ts";
import type { ServiceConfiguration } from "./configuration.ts";
import { LocalError } from "./errors.ts";
import { LocalRun } from "./local-run.ts";
import { COMMAND_OPTIONS, readOptions } from "./options.ts";
import { packageHooks } from "./package-hooks.ts";
import { freePort, LOOPBACK } from "./ports.ts";

/** What the plugin uses of the framework. */
interface Serverless {
  serviceDir: string;
  processedInput: { commands: string[] };
  pluginManager: { plugins: object[]; run(commands: string[]): Promise<void> };
  service: ServiceConfiguration & {
    custom?: Record<string, unknown>;
    provider: { environment?: Record<string, unknown> };
    functions: Record<string, { environment?: Record<string, unknown>; events?: unknown[] }>;
  };
}

/** The part of serverless-offline's plugin that is called, and may be wrapped, by name. */
interface ServerlessOffline {
  start(): Promise<void>;
  end(): Promise<void>;
}

type Options = Record<string, unknown>;

const STOP_WITHIN_MS = 2_500;
const log = (message: string): void => {
  process.stdout.write(`${message}\n`);
};

function snapshot({ service, provider, functions, resources }: ServiceConfiguration): ServiceConfiguration {
  return structuredClone({ service, provider, functions, resources });
}

/** Serverless plugin: the embedded AWS behind `sls offline`, and `sls package` without an AWS account. */
export default class LocalPlugin {
  readonly #serverless: Serverless;
  readonly #options: Options;
  #run: LocalRun | undefined;

  readonly commands = { offline: { lifecycleEvents: ["start"], options: COMMAND_OPTIONS } };

  readonly hooks: Record<string, () => Promise<void>>;

  constructor(serverless: Serverless & EdgeService, options: Options) {
    this.#serverless = serverless;
    this.#options = options;
    const [command] = serverless.processedInput.commands;
    if (command !== "offline") {
      this.hooks = packageHooks(command, serverless, options);
      return;
    }
    this.hooks = {
      initialize: () => this.#orExit(() => this.#begin()),
      "before:offline:start": () => this.#orExit(() => this.#prepareOffline()),
      "before:offline:functionsUpdated:cleanup": async () => this.#run?.beforeReload(),
      "after:offline:functionsUpdated:cleanup": async () => this.#run?.afterReload(),
    };
    this.#stopWhenOthersFail();
  }

  /** A plugin that fails (the bundler, most often) ends the command, but not what we have started meanwhile. */
  #stopWhenOthersFail(): void {
    const { pluginManager } = this.#serverless;
    const run = pluginManager.run.bind(pluginManager);
    pluginManager.run = async (commands) => {
      try {
        await run(commands);
      } catch (error) {
        await this.#run?.stop();
        process.exitCode = 1;
        throw error;
      }
    };
  }

  /** An error of the person at the keyboard is one sentence, not a stack trace of the framework. */
  async #orExit(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      await this.#run?.stop();
      if (!(error instanceof LocalError)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    }
  }

  async #begin(): Promise<void> {
    const { service, serviceDir } = this.#serverless;
    const options = readOptions(this.#options, serviceDir);
    this.#run = new LocalRun(snapshot(service), options, log);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => this.#stopAndExit());
    // The other end of the channel is `npm start`; without it nobody could stop us.
    if (process.channel) process.on("disconnect", () => this.#stopAndExit());
    await this.#run.begin();
  }

  async #prepareOffline(): Promise<void> {
    const { service, pluginManager } = this.#serverless;
    sweepBundles(pluginManager.plugins);
    const environments = (await this.#run?.environments()) ?? {};
    service.provider.environment = {};
    for (const [key, definition] of Object.entries(service.functions)) {
      definition.environment = environments[key] ?? {};
      // serverless-offline only runs the functions; what triggers them is the gateway's and the pump's.
      definition.events = [];
    }
    // serverless-offline hands these on to the functions; they are about the person at the keyboard.
    for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
    const lambdaPort = await freePort();
    const known = service.custom?.["serverless-offline"] as object | undefined;
    const offlineOptions = { ...known, host: LOOPBACK, lambdaPort, terminateIdleLambdaTime: 120 };
    service.custom = { ...service.custom, "serverless-offline": offlineOptions };
    this.#options.noSponsor = true;
    this.#wrapOffline(pluginManager.plugins, `http://${LOOPBACK}:${lambdaPort}`);
  }

  /** serverless-offline has no hook between "listens" and "has ended": the two methods it calls there are wrapped. */
  #wrapOffline(plugins: object[], url: string): void {
    const offline = plugins.find((plugin) => plugin.constructor.name === "ServerlessOffline") as
      | ServerlessOffline
      | undefined;
    if (!offline) throw new LocalError("serverless.yml must list the plugin serverless-offline.");
    const start = offline.start.bind(offline);
    offline.start = () =>
      this.#orExit(async () => {
        await start();
        await this.#run?.open(url);
      });
    offline.end = () => this.#stopAndExit();
  }

  async #stopAndExit(): Promise<never> {
    // What does not stop in time is ended with the process; the JVM by its watchdog.
    setTimeout(() => process.exit(0), STOP_WITHIN_MS);
    await this.#run?.stop();
    process.exit(0);
  }
}
