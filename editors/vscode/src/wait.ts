/** The wait for one request: a notification that tells where it stands and whose Cancel stops the paid request. */

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

interface Told {
  job: string;
  uri: string;
  title: string;
  message: string;
  done: boolean;
}

export interface Result {
  status: "ok" | "cancelled" | "stale" | "refused" | "failed" | "started";
  message?: string;
  markdown?: string;
  text?: string;
}

interface Waiting {
  uri: string;
  job?: string;
  report(message: string): void;
}

/** Which notification belongs to which job: jobs begin in the order in which their commands were sent. */
export class Waits {
  private readonly waiting: Waiting[] = [];

  /** Takes `kimi/progress`. */
  told(told: Told): void {
    const known = this.waiting.find((one) => one.job === told.job);
    const one = known ?? this.waiting.find((other) => other.job === undefined && other.uri === told.uri);
    if (one !== undefined) {
      one.job = told.job;
      one.report(told.done ? "" : told.message);
    }
  }

  /** Shows a sentence in the notification of a job. */
  say(job: string, message: string): void {
    this.waiting.find((one) => one.job === job)?.report(message);
  }

  /** Runs a command of the server's while its notification is shown. */
  async run(client: LanguageClient, command: string, argument: { uri?: string }, title: string): Promise<Result> {
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    return vscode.window.withProgress(options, async (progress, cancelled) => {
      const one: Waiting = { uri: argument.uri ?? "", report: (message) => progress.report({ message }) };
      this.waiting.push(one);
      progress.report({ message: "waiting…" });
      try {
        const params = { command, arguments: [argument] };
        return await client.sendRequest<Result>("workspace/executeCommand", params, cancelled);
      } catch (error) {
        if (cancelled.isCancellationRequested) {
          return { status: "cancelled" };
        }
        throw error;
      } finally {
        this.waiting.splice(this.waiting.indexOf(one), 1);
      }
    });
  }
}
