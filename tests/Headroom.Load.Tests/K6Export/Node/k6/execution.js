export default {
  vu: { idInTest: 1, iterationInScenario: 0 },
  scenario: { iterationInTest: 0 },
  test: {
    abort(reason) {
      throw new Error(`test aborted: ${reason}`);
    },
  },
};
