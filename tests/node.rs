//! x
mod cluster;
fn main() {
    let t = std::time::Instant::now();
    let c = cluster::Cluster::with_node("node").unwrap_or_else(|e| panic!("{e}"));
    println!("{:?} {:?}", t.elapsed(), c.kubeconfig());
    if std::env::var("HOLD").is_ok() {
        std::thread::sleep(std::time::Duration::from_secs(300));
    }
    let t = std::time::Instant::now();
    drop(c);
    println!("{:?}", t.elapsed());
}
