//! Strongly connected components, without recursion: a channel can have thousands of entries in a row.

/// For each component that has a cycle and no incoming edge from another component: a cycle in it, starting with its
/// lowest node. `next` returns the targets of a node's edges.
pub(super) fn source_cycles<I: Iterator<Item = usize>>(nodes: usize, next: impl Fn(usize) -> I) -> Vec<Vec<usize>> {
    let component = components(nodes, &next);
    let count = component.iter().max().map_or(0, |last| last + 1);
    let (mut is_source, mut first) = (vec![true; count], vec![usize::MAX; count]);
    for node in 0..nodes {
        first[component[node]] = first[component[node]].min(node);
        next(node).filter(|&to| component[to] != component[node]).for_each(|to| is_source[component[to]] = false);
    }
    let mut starts: Vec<usize> = (0..count).filter(|&c| is_source[c]).map(|c| first[c]).collect();
    starts.sort_unstable();
    starts.into_iter().filter_map(|start| shortest_cycle(start, nodes, &next)).collect()
}

/// The shortest cycle through `start`.
fn shortest_cycle<I: Iterator<Item = usize>>(
    start: usize,
    nodes: usize,
    next: impl Fn(usize) -> I,
) -> Option<Vec<usize>> {
    let mut came_from = vec![None; nodes];
    let mut open = std::collections::VecDeque::from([start]);
    while let Some(node) = open.pop_front() {
        for to in next(node) {
            if to == start {
                let mut path = vec![node];
                while let Some(before) = came_from[path[path.len() - 1]] {
                    path.push(before);
                }
                path.reverse();
                return Some(path);
            }
            if came_from[to].is_none() {
                came_from[to] = Some(node);
                open.push_back(to);
            }
        }
    }
    None
}

/// Each node's component, by Tarjan's algorithm.
fn components<I: Iterator<Item = usize>>(nodes: usize, next: impl Fn(usize) -> I) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let (mut order, mut low, mut component) = (vec![NONE; nodes], vec![NONE; nodes], vec![NONE; nodes]);
    let (mut seen, mut count) = (0, 0);
    let mut stack = Vec::new();
    for start in 0..nodes {
        if order[start] != NONE {
            continue;
        }
        let mut open: Vec<(usize, I)> = Vec::new();
        let mut enter = Some(start);
        loop {
            if let Some(node) = enter.take() {
                (order[node], low[node]) = (seen, seen);
                seen += 1;
                stack.push(node);
                open.push((node, next(node)));
            }
            let Some((node, edges)) = open.last_mut() else { break };
            let node = *node;
            match edges.next() {
                Some(to) if order[to] == NONE => enter = Some(to),
                Some(to) if component[to] == NONE => low[node] = low[node].min(order[to]),
                Some(_) => {}
                None => {
                    open.pop();
                    if let Some((parent, _)) = open.last() {
                        low[*parent] = low[*parent].min(low[node]);
                    }
                    if low[node] == order[node] {
                        while let Some(member) = stack.pop() {
                            component[member] = count;
                            if member == node {
                                break;
                            }
                        }
                        count += 1;
                    }
                }
            }
        }
    }
    component
}
