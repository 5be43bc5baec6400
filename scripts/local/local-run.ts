import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createCdn } from "./cdn/index.ts";
import { createObjectOrigin } from "./cdn/objects.ts";
import type { ServiceConfiguration } from "./configuration.ts";
import type { DataFolder } from "./data-folder.ts";
import { endpointsFile, endpointsOf, writeEndpoints } from "./endpoints-file.ts";
import { type Handler, startFront } from "./front.ts";
import { createGateway } from "./gateway/index.ts";
import { createInvoker, type Invoker, startLambdaEndpoint } from "./lambda-endpoint.ts";
import type { LocalOptions } from "./options.ts";
import { placePages } from "./pages/place.ts";
import { LOOPBACK } from "./ports.ts";
import { readyMessage } from "./ready-message.ts";
import { seed } from "./seed.ts";
import { type LocalServices, startServices } from "./services.ts";
import { takePlace } from "./take-place.ts";

interface Running {
  stop(): Promise<void>;
}

/** One run of the local system, from the checks before the start to the last thing stopped. */
export class LocalRun {
  readonly #configuration: ServiceConfiguration;
  readonly #options: LocalOptions;
  readonly #log: (message: string) => void;
  readonly #startedAt = Date.now();
  /** What is to be stopped, the last started first. */
  readonly #running: Running[] = [];
  #folder: DataFolder | undefined;
  #services: Promise<LocalServices> | undefined;
  #invoker: Invoker | undefined;
  #stopping: Promise<void> | undefined;

  constructor(configuration: ServiceConfiguration, options: LocalOptions, log: (message: string) => void) {
    this.#configuration = configuration;
    this.#options = options;
    this.#log = log;
  }

  get #apiOrigin(): string {
    return `http://${LOOPBACK}:${this.#options.port}`;
  }

  /**
   * Checks what can be wrong on this machine, then begins to start the services without waiting for them.
   * @throws LocalError
   */
  async begin(): Promise<void> {
    const { dataDir, lambdaPort, longestQueueDelay } = this.#options;
    const folder = await takePlace(this.#options);
    this.#folder = folder;
    process.once("exit", () => folder.release());
    await rm(endpointsFile(dataDir), { force: true });
    this.#log(`Starting the local AWS, kept in ${dataDir}`);
    this.#services = startServices({
      configuration: this.#configuration,
      dataDir,
      apiOrigin: this.#apiOrigin,
      passwordsIn: endpointsFile(dataDir),
      lambdaUrl: `http://${LOOPBACK}:${lambdaPort}`,
      longestQueueDelay,
      progress: (part) => this.#progress(part),
    }).then((services) => {
      this.#running.push(services);
      return services;
    });
    // Whoever waits for the services hears of it; nobody does yet.
    this.#services.catch(() => {});
  }

  #progress(part: string): void {
    this.#log(`  ${part} (${((Date.now() - this.#startedAt) / 1000).toFixed(1)} s)`);
  }

  /** The whole environment of each function, as soon as the services are up. */
  async environments(): Promise<Record<string, Record<string, string>>> {
    const services = await this.#upServices();
    const keys = Object.keys(this.#configuration.functions);
    return Object.fromEntries(keys.map((key) => [key, services.environmentFor(key)]));
  }

  async #upServices(): Promise<LocalServices> {
    if (!this.#services) throw new Error("begin() comes first");
    return this.#services;
  }

  /** The web app with its guard, in front of the HTTP API. */
  async #withCdn(services: LocalServices, invoker: Invoker, api: Handler): Promise<Handler> {
    const { direct, region, buckets } = services;
    const bucket = buckets.assets ?? "";
    await placePages({ s3Url: direct.s3, region, bucket });
    const objects = createObjectOrigin(direct.s3, bucket);
    this.#running.push(objects);
    const inFrontOf = createCdn({
      configuration: this.#configuration,
      references: services.references.wired,
      invoker,
      objects,
      appOrigin: this.#apiOrigin,
      log: this.#log,
    });
    return inFrontOf(api);
  }

  async #startPump(services: LocalServices, lambdaUrl: string, functionNames: Record<string, string>): Promise<void> {
    // Loaded late: nothing before it needs the schedules, streams and queues.
    const { startPump } = await import("./pump/index.ts");
    const pump = await startPump({
      functions: this.#configuration.functions,
      references: services.references.direct,
      direct: services.direct,
      credentials: services.credentials,
      region: services.region,
      lambdaUrl,
      functionNames,
      eventBus: services.eventBus,
      log: this.#log,
      stateFile: join(this.#options.dataDir, "pump.json"),
    });
    this.#running.push(pump);
    // Builds end while the pump hears of it, and no longer.
    this.#running.push(services.codebuild.run());
  }

  /**
   * Opens the API in front of functions that can run now, fills it and says that it is ready.
   * @param offlineUrl where serverless-offline runs the functions
   */
  async open(offlineUrl: string): Promise<void> {
    const { port, lambdaPort, dataDir } = this.#options;
    const services = await this.#upServices();
    const invoker = createInvoker(offlineUrl, this.#configuration);
    this.#invoker = invoker;
    this.#running.push(invoker);
    const lambda = await startLambdaEndpoint(lambdaPort, invoker);
    this.#running.push(lambda);
    const api = createGateway(this.#configuration, invoker);
    const front = await startFront(port, services.wire, await this.#withCdn(services, invoker, api));
    this.#running.push(front);
    const entries = Object.entries(this.#configuration.functions);
    const functions = Object.fromEntries(entries.map(([key, { name }]) => [key, name]));
    await this.#startPump(services, lambda.url, functions);
    this.#progress("Functions");

    const endpoints = endpointsOf(services, { apiUrl: front.url, lambdaUrl: lambda.url, functions });
    if (this.#options.seed) {
      const cookie = services.users[0]?.cookie ?? "";
      await seed({ apiUrl: front.url, internalKey: services.internalKey, cookie, log: this.#log });
    }
    services.wire.calls.clear();
    await writeEndpoints(dataDir, endpoints);
    this.#log(readyMessage(endpoints, endpointsFile(dataDir), (Date.now() - this.#startedAt) / 1000));
  }

  /** Around an exchange of the functions' code. */
  async beforeReload(): Promise<void> {
    await this.#invoker?.pause();
  }

  async afterReload(): Promise<void> {
    this.#invoker?.resume();
  }

  /** Stops everything that runs, the last started first. Calling it again waits for the same end. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    if (this.#folder) rmSync(endpointsFile(this.#folder.path), { force: true });
    // One that is still starting must be up before it can be stopped.
    await this.#services?.catch(() => {});
    for (const part of this.#running.toReversed()) await part.stop().catch(() => {});
    this.#folder?.release();
  }
}
