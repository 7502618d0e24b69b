/** CloudFormation type name under which the custom resource appears in templates and in the console. */
export const PRICE_REFRESHER_TYPE = 'Custom::BedrockPriceBook';

/** Properties of the custom resource. */
export const PRICE_REFRESHER_PROPERTIES = {
  /** Text of the file with prices of the user; not there where there is none. */
  overrides: 'Overrides',
  /** Text of the file with aliases of the user; not there where there is none. */
  modelAliases: 'ModelAliases',
  /** What the function reads, so that a change of it is read at once. */
  reads: 'Reads',
} as const;

/** Environment variables of the price refresher. */
export const PRICE_REFRESHER_VARIABLES = {
  /** The bucket of the ledger. */
  bucket: 'LEDGER_BUCKET',
  /** The Regions whose prices are read, joined by commas. */
  regions: 'PRICE_REGIONS',
  /** Where the service codes of the price list are, without a slash at the end. */
  priceListUrl: 'PRICE_LIST_URL',
  /** Name of the stack, for the metrics. */
  stackName: 'STACK_NAME',
} as const;

/** The metrics of a refresh, by stack. */
export const PRICE_METRICS = {
  /** Products that count tokens and could not be understood. */
  unknown: 'UnknownPriceRows',
  /** Files of the price list that could not be read. */
  failed: 'FailedPriceLists',
  /** Prices that are new. */
  appended: 'AppendedPriceRows',
} as const;

/** The folder of the ledger store with what the refresher remembers. */
export const PRICE_LIST_FOLDER = 'price-list/';

/** Keys of the ledger store. */
export const PRICE_KEYS = {
  /** Prices that the user gave, as text of the custom resource. */
  overrides: `${PRICE_LIST_FOLDER}given/prices.json`,
  /** Aliases that the user gave, as text of the custom resource. */
  modelAliases: `${PRICE_LIST_FOLDER}given/aliases.json`,
  /** Products that are nothing for a price book, as of the newest refresh. */
  others: `${PRICE_LIST_FOLDER}others.ndjson`,
  /** The table `price_book`. */
  priceBook: 'dimensions/price_book/prices.json',
  /** The table `model_aliases`. */
  aliasTable: 'dimensions/model_aliases/aliases.json',
} as const;

/** A file of the user with nothing in it. */
export const NOTHING_GIVEN = '{"entries":[]}';

/** Where AWS publishes the price list of its commercial Regions. */
export const PRICE_LIST_URL = 'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws';

/** How long a refresh reads files of the price list, in seconds: what is left then is reported as not read. */
export const PRICE_READ_BUDGET_SECONDS = 420;

/** Time-out of the price refresher, in seconds: reading, the request that was under way when its time was over, and writing. */
export const PRICE_REFRESHER_TIMEOUT_SECONDS = 600;

/**
 * Memory of the price refresher, in MiB. A file of 40 MB takes 260 MiB while it is parsed, and each further one leaves about 20 of rows
 * that are reported.
 */
export const PRICE_REFRESHER_MEMORY_MIB = 1_024;

/** How long CloudFormation waits for the custom resource, in seconds: a run, and one more after an answer that did not get through. */
export const PRICE_SERVICE_TIMEOUT_SECONDS = 1_500;
