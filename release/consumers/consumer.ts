import type { Project } from "./project.ts";

/** A kind of project that uses the package. */
export interface Consumer {
  readonly name: string;
  /**
   * Makes the project and uses the package in it.
   *
   * @param create makes the project with this package.json; without one, in an empty folder.
   * @throws when the package does not work there, with the output of the program that failed.
   */
  run(create: (manifest?: object) => Project, report: (done: string) => void): void;
}
