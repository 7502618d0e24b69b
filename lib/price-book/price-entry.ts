/**
 * One price of one model: what one unit costs in one place, on one route, in one service tier, from one day on.
 */
export interface PriceEntry {
  /** Bedrock model id without a geography prefix, such as `anthropic.claude-3-haiku-20240307-v1:0`. */
  readonly model: string;

  /** An AWS Region code, a geography such as `us` or `eu` (route `geo` only), or `*` for every Region. */
  readonly region: string;

  /**
   * How the call reaches the model: `regional`, `geo` (a geographic inference profile) or `global` (a global inference profile).
   *
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cross-region-inference.html
   */
  readonly route: string;

  /**
   * Service tier: `standard`, `priority`, `flex`, `batch`, `latency_optimized` or `reserved`.
   *
   * @see https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html
   */
  readonly tier: string;

  /**
   * What is counted: `input`, `output`, `cache_read`, `cache_write_5m` or `cache_write_1h` tokens, or `image`, `video`, `audio` or
   * `search` for models that are not priced by token, or `model_unit` for provisioned throughput.
   */
  readonly tokenType: string;

  /** What one price buys: `1M tokens`, `image`, `second`, `search_unit` or `hour`. */
  readonly unit: string;

  /** US dollars per unit; zero where the model is free of charge, as cache writes of Amazon Nova are. */
  readonly usd: number;

  /**
   * The price holds only for calls whose prompt, cached tokens included, has more tokens than this.
   *
   * @default - the price holds for prompts of any length
   */
  readonly contextThresholdTokens?: number;

  /**
   * First day of the price in UTC, `YYYY-MM-DD`.
   *
   * @default - the price has always held
   */
  readonly effectiveFrom?: string;

  /**
   * First day in UTC on which the price no longer holds, `YYYY-MM-DD`.
   *
   * @default - the price still holds
   */
  readonly effectiveTo?: string;

  /** Where the price was read. */
  readonly source: string;

  /**
   * Day on which the price was read, `YYYY-MM-DD`.
   *
   * @default - not known
   */
  readonly retrieved?: string;

  /**
   * How far the source is from the AWS Price List: `price_list_capture`, `provider_page` or `community_table`.
   *
   * @default - not rated, as user-supplied prices are
   */
  readonly confidence?: string;
}

/**
 * The call whose price is asked for.
 */
export interface PriceLookup {
  /** Bedrock model id without a geography prefix. */
  readonly model: string;

  /** Code of the Region that received the call. */
  readonly region: string;

  /** `regional`, `geo` or `global`. */
  readonly route: string;

  /**
   * Geography of the inference profile that was called, such as `us` or `apac`.
   *
   * @default - prices of a whole geography are not looked at
   */
  readonly geography?: string;

  /**
   * Service tier, see `PriceEntry.tier`.
   *
   * @default standard
   */
  readonly tier?: string;

  /** What is counted, see `PriceEntry.tokenType`. */
  readonly tokenType: string;

  /** Time of the call, an ISO 8601 date-time; without an offset it is in UTC. */
  readonly at: string;

  /**
   * Tokens of the prompt, those read from and written to the cache included.
   *
   * @default 0
   */
  readonly promptTokens?: number;
}

/**
 * A reduction of the prices in a price book, such as that of a private pricing agreement.
 */
export interface PriceDiscount {
  /** Part of the price that is taken off, from 0 (nothing) to 1 (all of it): `0.12` for twelve percent. */
  readonly fraction: number;

  /**
   * Reduces the prices of this model only.
   *
   * @default - of every model
   */
  readonly model?: string;

  /**
   * Reduces the prices that are entered for exactly this region only.
   *
   * @default - of every region
   */
  readonly region?: string;

  /**
   * Reduces the prices that are entered for this route only. A geographic call without a price of its own pays the regional one.
   *
   * @default - of every route
   */
  readonly route?: string;
}
