/** The connection with one server: started, watched, and started again with growing pauses where it falls over. */

import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, State } from "vscode-languageclient/node";
import type { LanguageClientOptions, Middleware } from "vscode-languageclient/node";
import * as key from "./key";
import * as server from "./server";
import { given } from "./settings";
import type { Status } from "./status";

/** Seconds before each new start; after the last, the user is asked. */
const PAUSES = [0.5, 3, 15];
/** Seconds after which a server counts as one that runs well. */
const STEADY = 120;

export interface Ears {
  middleware: Middleware;
  connected(client: LanguageClient): void;
}

export class Connection {
  private client: LanguageClient | undefined;
  private falls = 0;
  private began = 0;
  private again: NodeJS.Timeout | undefined;
  private leaving = false;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly status: Status,
    private readonly ears: Ears,
  ) {}

  /** Returns the client where it runs. */
  get running(): LanguageClient | undefined {
    return this.client?.state === State.Running ? this.client : undefined;
  }

  /** Tells the server that settings have changed; one that is starting is told once it runs. */
  async reconfigure(): Promise<void> {
    try {
      await this.client?.sendNotification("workspace/didChangeConfiguration", { settings: null });
    } catch (error) {
      // It ends, or did not start; the next one asks by itself.
      this.log.info(`it was not told of the settings: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Starts the server; where there is none, says so and does what the user chooses. */
  async start(): Promise<void> {
    const program = await server.find(this.context);
    if (program === undefined) {
      this.status.show("off");
      if (await server.offer(this.context)) {
        await this.start();
      }
      return;
    }
    this.log.info(`${program.command}, found by ${program.found}`);
    this.status.show("starting");
    const env = await key.environment(this.context);
    const run = { command: program.command, args: program.args, options: { env } };
    const client = new LanguageClient("kimi", "Kimi", run, this.options());
    this.client = client;
    this.began = Date.now();
    this.ears.connected(client);
    try {
      await client.start();
      await vscode.commands.executeCommand("setContext", "kimi.running", true);
    } catch (error) {
      this.log.error(error instanceof Error ? error.message : String(error));
      this.fell();
    }
  }

  /** Stops it, and with it all that runs. */
  async stop(): Promise<void> {
    this.leaving = true;
    clearTimeout(this.again);
    const client = this.client;
    this.client = undefined;
    this.status.show("off");
    try {
      await client?.stop(2000);
    } catch (error) {
      this.log.info(`it did not stop in order: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.leaving = false;
  }

  /** Starts anew, as if nothing had happened before. */
  async restart(): Promise<void> {
    await this.stop();
    this.falls = 0;
    await this.start();
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "vscode-notebook-cell" }],
      outputChannel: this.log,
      traceOutputChannel: this.log,
      initializationOptions: {
        clientCommands: ["kimi.client.prompt"],
        workspaceTrusted: vscode.workspace.isTrusted,
        progress: "client",
        ui: { markdown: true, stream: true, preview: true, status: true },
      },
      middleware: {
        ...this.ears.middleware,
        workspace: { configuration: (asked) => asked.items.map((item) => (item.section === "kimi" ? given() : null)) },
      },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          this.fell();
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
    };
  }

  private fell(): void {
    if (this.leaving || this.client === undefined) {
      return;
    }
    this.client = undefined;
    this.status.show("off");
    if (Date.now() - this.began > STEADY * 1000) {
      this.falls = 0;
    }
    const pause = PAUSES[this.falls];
    this.falls += 1;
    if (pause === undefined) {
      void this.giveUp();
      return;
    }
    this.log.warn(`the server has ended; it is started again in ${pause} s`);
    this.again = setTimeout(() => void this.start(), pause * 1000);
  }

  private async giveUp(): Promise<void> {
    const chosen = await vscode.window.showErrorMessage(
      "Kimi: the server ended several times in a row and is not started again. Its log says why.",
      "Show the log",
      "Start it again",
    );
    if (chosen === "Show the log") {
      this.log.show();
    } else if (chosen === "Start it again") {
      await this.restart();
    }
  }
}
