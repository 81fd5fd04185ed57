/** Words that bring nothing to mind. */
export const stopWords: ReadonlySet<string> = new Set(
  `a about above after again against all also am an and any are aren as at be because been before being below between both
  but by can cannot could couldn did didn do does doesn doing don down during each else ever every few for from further get
  give go goes going got had hadn has hasn have haven having he hello help her here hers herself hey hi him himself his how
  however i if in into is isn it its itself just know let like ll look make may maybe me might mine more most much must my
  myself need no nor not now of off oh ok okay on once one only or other our ours ourselves out over own please re really
  said same say see shall she should shouldn so some something such sure take tell than thank thanks that the their theirs
  them themselves then there these they thing things think this those through to too under until up us use ve very want was
  wasn way we well were weren what when where whether which while who whom why will with without won would wouldn yes yet
  you your yours yourself yourselves`.split(/\s+/),
);
