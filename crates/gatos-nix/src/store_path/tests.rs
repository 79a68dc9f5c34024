//! Store paths against ones that Nix computed.

use super::StorePath;

#[test]
fn parses_only_what_nix_writes() {
    let ok = [
        "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-net-tools-1.60_p20170221182432",
        "/nix/store/6yrmxqn55ymlbyf701a5si9krscrxq62-toy.drv",
    ];
    for text in ok {
        assert_eq!(text.parse::<StorePath>().unwrap().to_string(), text);
    }
    let bad = [
        "",
        "/nix/store",
        "/nix/store/",
        "/gnu/store/00bgd045z0d4icpbc2yyz4gx48ak44la-a",
        "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la",
        "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-",
        "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-a/b",
        "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-a b",
        "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44lE-a",
        "/nix/store/../store/00bgd045z0d4icpbc2yyz4gx48ak44la-a",
    ];
    for text in bad {
        assert!(text.parse::<StorePath>().is_err(), "{text}");
    }
}
