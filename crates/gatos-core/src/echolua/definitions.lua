---@meta
-- EchoLua's library, for editors that know Lua's own through lua-language-server.
-- `gatos foldc --definitions` prints this file; docs/guides/editors.md says where to put it.

---One event of a journal, as a fold sees it.
---@class Event
---@field type string
---@field ulid string
---@field actor string
---@field payload any
---@field index integer its place in the journal, from 0
---@field ts? integer milliseconds since 1970, where the actor said so

---A value that is there and says nothing, unlike `nil`. It counts as false.
---@class Null
null = {}

---Opaque: can be kept and compared.
---@class bytes

---Opaque: can be kept, compared, and made a text.
---@class link

---The kind of a value: "nil", "null", "boolean", "number", "string", "bytes", "link", "table" or "function".
---@param x any
---@return string
function type(x) end

---The text of a number, string, boolean, nil, null or link.
---@param x number|string|boolean|Null|link|nil
---@return string
function tostring(x) end

---The number of a text, exactly; nil where it is none.
---@param x any
---@return number?
function tonumber(x) end

---End the fold. Nothing can catch it.
---@param text string
function error(text) end

---`x`, or the end of the fold where it counts as false.
---@generic T
---@param x T
---@param text? string
---@return T
function assert(x, text) end

---A list of the arguments, also of none, where `{}` would be a map.
---@generic T
---@param ... T
---@return T[]
function list(...) end

---All keys in a fixed order: integers ascending, then strings by their bytes. Stands in a `for` only.
---@generic K, V
---@param t table<K, V>
---@return fun(t: table<K, V>, key?: K): K, V
---@return table<K, V>
function dpairs(t) end

---The items 1, 2, … up to the first nil. Stands in a `for` only.
---@generic V
---@param t V[]
---@return fun(t: V[], at?: integer): integer, V
---@return V[]
function ipairs(t) end

---@class stringlib
string = {}

---The number of bytes.
---@param s string
---@return integer
function string.len(s) end

---The bytes from `i` to `j`; an error where they would split a character.
---@param s string
---@param i integer
---@param j? integer
---@return string
function string.sub(s, i, j) end

---`n` times `s`, with `separator` between.
---@param s string
---@param n integer
---@param separator? string
---@return string
function string.rep(s, n, separator) end

---With the letters a to z as capitals.
---@param s string
---@return string
function string.upper(s) end

---With the letters A to Z as small ones.
---@param s string
---@return string
function string.lower(s) end

---Back to front; ASCII only.
---@param s string
---@return string
function string.reverse(s) end

---First and last position of the plain text `part` at or after `i`. There are no patterns.
---@param s string
---@param part string
---@param i? integer
---@param plain? true
---@return integer?
---@return integer?
function string.find(s, part, i, plain) end

---`%d` an integer, `%s` a string or number, `%%`; nothing else.
---@param f string
---@param ... string|number
---@return string
function string.format(f, ...) end

---The parts between separators, at least one.
---@param s string
---@param separator string
---@return string[]
function string.split(s, separator) end

---The bytes from `i` to `j`, as integers.
---@param s string
---@param i? integer
---@param j? integer
---@return integer ...
function string.byte(s, i, j) end

---@param s string
---@param part string
---@return boolean
function string.startswith(s, part) end

---@param s string
---@param part string
---@return boolean
function string.endswith(s, part) end

---@class tablelib
table = {}

---Put an item before `i`, or at the end.
---@overload fun(t: any[], x: any)
---@param t any[]
---@param i integer
---@param x any
function table.insert(t, i, x) end

---Take the item at `i`, or the last, out.
---@generic T
---@param t T[]
---@param i? integer
---@return T?
function table.remove(t, i) end

---Strings and numbers joined.
---@param t (string|number)[]
---@param separator? string
---@param i? integer
---@param j? integer
---@return string
function table.concat(t, separator, i, j) end

---Sort in place. Stable; a function that contradicts itself ends the fold.
---@generic T
---@param t T[]
---@param before? fun(a: T, b: T): boolean
function table.sort(t, before) end

---At most 200 items.
---@generic T
---@param t T[]
---@param i? integer
---@param j? integer
---@return T ...
function table.unpack(t, i, j) end

---@class mathlib
---@field maxinteger integer
---@field mininteger integer
math = {}

---@param x number
---@return number
function math.abs(x) end

---@param x number
---@param ... number
---@return number
function math.min(x, ...) end

---@param x number
---@param ... number
---@return number
function math.max(x, ...) end

---The greatest integer not above `x`.
---@param x number
---@return number
function math.floor(x) end

---The least integer not below `x`.
---@param x number
---@return number
function math.ceil(x) end

---`x` if it is an integer, nil if it is another number.
---@param x number
---@return integer?
function math.tointeger(x) end

---@class decimallib
decimal = {}

---Rounded half to even, at 0 to 127 digits after the point.
---@param x number
---@param places? integer
---@return number
function decimal.round(x, places) end

---The square root, exact or rounded half to even at 28 digits.
---@param x number
---@return number
function decimal.sqrt(x) end
