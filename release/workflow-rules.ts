/** The house's rules for a workflow, beside GitHub's own, which the linter knows. */
export function workflowProblems(workflow: string, scripts: Record<string, string>): string[] {
  const jobs = jobSections(workflow);
  return [
    ...actionProblems(workflow),
    ...(/^permissions:\n {2}contents: read\n(?! )/m.test(workflow)
      ? []
      : ["Without top-level `permissions: contents: read`, jobs get more than they need."]),
    ...(/^concurrency:$/m.test(workflow)
      ? []
      : ["Without a top-level `concurrency` group, runs of one branch pile up."]),
    ...(/\$\{\{\s*secrets\b/.test(workflow)
      ? ["A secret is read. Publishing needs none: npm trusts the workflow's identity."]
      : []),
    ...jobs.flatMap(({ name, text }) =>
      /^ {4}timeout-minutes: \d+$/m.test(text) ? [] : [`Job "${name}" has no timeout-minutes.`],
    ),
    ...jobs.flatMap((job) => scriptProblems(job, scripts)),
  ];
}

interface Job {
  readonly name: string;
  readonly text: string;
}

function jobSections(workflow: string): Job[] {
  const [, jobs = ""] = workflow.split(/^jobs:\n/m);
  return jobs.split(/^(?= {2}[\w-]+:$)/m).flatMap((text) => {
    const [, name] = /^ {2}([\w-]+):$/m.exec(text) ?? [];
    return name === undefined ? [] : [{ name, text }];
  });
}

/** A tag of an action can be moved to other code; a commit cannot. */
function actionProblems(workflow: string): string[] {
  return [...workflow.matchAll(/^ +(?:- )?uses: (.+)$/gm)]
    .map(([, action = ""]) => action)
    .filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/.test(action))
    .map((action) => `"${action}" is not pinned. Write owner/name@<commit> # v<version>.`);
}

function scriptProblems({ name, text }: Job, scripts: Record<string, string>): string[] {
  const called = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|test\b)/g)].map(
    ([, script = "test"]) => script,
  );
  return called.flatMap((script) => {
    const command = scripts[script];
    if (command === undefined) return [`Job "${name}" runs "${script}", which is no npm script.`];
    if (text.includes("windows") && /^\w+=/.test(command)) {
      return [`Job "${name}" runs "${script}" on Windows, where "NAME=value command" fails.`];
    }
    return [];
  });
}
