// Preloaded with --require: stops the clock at a moment that no test runs at.
const MOMENT = Date.parse('2031-12-31T23:59:59.999Z');

global.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [MOMENT] : given));
  }

  static now() {
    return MOMENT;
  }
};
