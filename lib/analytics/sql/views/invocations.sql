-- Question: what was called, once per request?
-- Inputs:   the ledger where one is kept, the cleaned records otherwise
-- Output:   the columns of invocation_records; every view above this one reads this one
SELECT * FROM {invocations_source}
