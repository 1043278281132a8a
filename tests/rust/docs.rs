//! Every link of the project's pages leads somewhere, down to the test behind `#`.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf();
    let mut pages: Vec<PathBuf> =
        ["README.md", "DESIGN.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]
            .iter()
            .map(|page| root.join(page))
            .collect();
    collect(&root.join("docs"), &mut pages);
    let (mut links, mut broken) = (0, Vec::new());
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            links += 1;
            let (path, name) = link.split_once('#').unwrap_or((link, ""));
            let target = page.parent().unwrap().join(path);
            let found = match fs::metadata(&target) {
                Ok(meta) if meta.is_file() && !name.is_empty() => {
                    fs::read_to_string(&target).unwrap().contains(name)
                }
                Ok(_) => true,
                Err(_) => false,
            };
            if !found {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(links > 40, "only {links} links were found");
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, pages);
        } else if path.extension().is_some_and(|e| e == "md") {
            pages.push(path);
        }
    }
}
