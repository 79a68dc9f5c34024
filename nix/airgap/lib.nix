# The part of nixpkgs' `lib` that this project and its studies use, with the same meaning.
rec {
  inherit (builtins)
    attrNames
    attrValues
    concatLists
    concatMap
    concatStringsSep
    elem
    filter
    foldl'
    genList
    head
    isAttrs
    isList
    isString
    length
    listToAttrs
    map
    mapAttrs
    removeAttrs
    replaceStrings
    stringLength
    substring
    tail
    toJSON
    ;

  id = value: value;
  nameValuePair = name: value: { inherit name value; };
  genAttrs = names: value: listToAttrs (map (name: nameValuePair name (value name)) names);
  filterAttrs =
    keep: set:
    listToAttrs (
      map (name: nameValuePair name set.${name}) (filter (name: keep name set.${name}) (attrNames set))
    );
  mapAttrs' = change: set: listToAttrs (map (name: change name set.${name}) (attrNames set));
  mapAttrsToList = change: set: map (name: change name set.${name}) (attrNames set);
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  optionalString = condition: text: if condition then text else "";
  optionalAttrs = condition: set: if condition then set else { };
  flatten = value: if isList value then concatMap flatten value else [ value ];

  concatMapStrings = change: values: concatStringsSep "" (map change values);
  concatMapStringsSep = separator: change: values: concatStringsSep separator (map change values);
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix =
    suffix: text:
    let
      rest = stringLength text - stringLength suffix;
    in
    rest >= 0 && substring rest (stringLength suffix) text == suffix;
  removePrefix =
    prefix: text:
    if hasPrefix prefix text then
      substring (stringLength prefix) (stringLength text) text
    else
      text;
  removeSuffix =
    suffix: text:
    if hasSuffix suffix text then
      substring 0 (stringLength text - stringLength suffix) text
    else
      text;
  escapeShellArg = value: "'${replaceStrings [ "'" ] [ "'\\''" ] (toString value)}'";
  escapeShellArgs = values: concatMapStringsSep " " escapeShellArg values;

  getBin = package: package.bin or package.out or package;
  makeBinPath = packages: concatMapStringsSep ":" (package: "${getBin package}/bin") packages;
  getExe = package: getExe' package (package.meta.mainProgram or package.pname or package.name);
  getExe' = package: program: "${getBin package}/bin/${program}";

  licenses.asl20 = {
    spdxId = "Apache-2.0";
    fullName = "Apache License 2.0";
  };
}
