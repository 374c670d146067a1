import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with one plain line, `N passed, N failed, N skipped`, and makes a run that executed nothing, or that on CI
 * left anything out, a failure: a suite that was skipped has proved nothing.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === 'pending' ? 'skipped' : state] += 1;
      }
    }
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
    if (count.passed + count.failed === 0) process.exitCode = 1;
    if (process.env['CI'] === 'true' && count.skipped > 0) {
      process.stdout.write('With CI=true a skipped test is a failure: install what it needs, or take it out.\n');
      process.exitCode = 1;
    }
  }
}
