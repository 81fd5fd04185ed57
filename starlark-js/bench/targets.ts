/** What each program has to reach: the time of starlark-go divided by ours, warm. */
export const WARM_FLOORS: Readonly<Record<string, number>> = {
  b01_fib_rec: 40,
  b02_fib_iter: 60,
  b03_loops: 40,
  b04_mandel: 100,
  b05_nbody: 6,
  b06_strings: 7,
  b07_dict_str: 4,
  b08_dict_int_tuple: 6,
  b09_comp_sort: 4,
  b10_calls: 12,
  b11_records: 8,
  b12_json: 2,
  b13_bigint: 2.5,
  b14_csv: 6,
  b15_html: 8,
  b17_sieve_queens: 6,
  b18_structs: 2,
  s_arithmetic: 18,
  s_data_structures: 6,
  s_function_calls: 20,
  s_json_building: 9,
  s_string_parsing: 8,
};

export const WARM_MEAN = 9;
export const COLD_MEAN = 3;
export const COLD_FLOOR = 1;
export const COMPILE_US_PER_KB = 200;
export const SCRIPT_MS = 0.5;
export const WAITING_WALL_MS = 200;
export const WAITING_KB = 20;
export const STEP_COST = 0.15;

/**
 * starlark-rust 0.13 against CPython on the machine of its published figures (starlark-bench, n = 50,000; JSON
 * building n = 5,000): time of rust divided by time of CPython. Times the CPython of this machine they give an
 * estimate for here, good to some 30 %.
 */
export const RUST_TO_PYTHON: Readonly<Record<string, number>> = {
  s_arithmetic: 17.5 / 15.6,
  s_data_structures: 29.7 / 34.3,
  s_function_calls: 16.1 / 15.6,
  s_json_building: 26.7 / 35.0,
  s_string_parsing: 21.7 / 31.7,
};
